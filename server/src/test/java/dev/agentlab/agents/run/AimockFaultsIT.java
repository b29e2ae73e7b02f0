package dev.agentlab.agents.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.agents.AgentApi;
import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Agents on failing providers, as a third party mocks them for each wire format.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AimockFaultsIT {
  private static final String CONTENT = "One two three four five six seven eight nine ten.";

  private final Aimock aimock = Aimock.start();
  @RegisterExtension private final TestServer server = new TestServer();
  private final AgentApi api = new AgentApi(server);

  @AfterAll
  void stop() {
    aimock.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"OPENAI", "ANTHROPIC", "GEMINI", "BEDROCK"})
  void rateLimitedCallIsRetriedAfterRetryAfter(AimockProvider provider) {
    String prompt = addFixture("\"response\": {\"content\": \"Here I am\"}");
    aimock.failNextRequest(429, "Slow down");
    long begin = System.nanoTime();

    Answer answer = chat(provider, prompt);

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.header("Agent-Lab-Attempts")).isEqualTo("2");
    assertThat(answer.json().at("/choices/0/message/content").asString()).isEqualTo("Here I am");
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .as("Retry-After: 1")
        .isGreaterThanOrEqualTo(Duration.ofSeconds(1));
  }

  @ParameterizedTest
  @EnumSource(names = {"OPENAI", "ANTHROPIC", "GEMINI", "BEDROCK"})
  void persistentRateLimitIsReported(AimockProvider provider) {
    String prompt = addFixture(rateLimited(0));

    Answer answer = chat(provider, prompt);

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.text()).contains("the provider returned status 429: Slow down (3 attempts)");
  }

  @ParameterizedTest
  @EnumSource(names = {"OPENAI", "ANTHROPIC", "GEMINI", "BEDROCK"})
  void longRetryAfterIsReportedWithoutRetry(AimockProvider provider) {
    String prompt = addFixture(rateLimited(77));

    Answer answer = chat(provider, prompt);

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.header("Retry-After")).isEqualTo("77");
    assertThat(answer.text()).contains("429: Slow down\"");
  }

  @ParameterizedTest
  @EnumSource(names = {"OPENAI", "ANTHROPIC", "GEMINI", "BEDROCK"})
  void interruptedStreamEndsWithErrorEvent(AimockProvider provider) {
    String prompt =
        addFixture(
            "\"response\": {\"content\": \"%s\"}, \"chunkSize\": 3, \"latency\": 20, \"truncateAfterChunks\": 6"
                .formatted(CONTENT));

    Answer answer = run(provider, "chat/stream", prompt);

    assertThat(answer.status()).isEqualTo(200);
    String content = ChatEvents.of(answer.text()).content();
    assertThat(CONTENT).startsWith(content);
    assertThat(content).isNotEmpty().hasSizeLessThan(CONTENT.length());
    assertThat(answer.text())
        .containsPattern("event: error\ndata: \\{\"error\":.*\"code\":\"broken\"\\}\\}\n\n$")
        .doesNotContain("[DONE]", "\"finish_reason\":\"stop\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          OPENAI|"dropRate": 1|the provider returned status 500
          ANTHROPIC|"dropRate": 1|the provider returned status 500
          GEMINI|"dropRate": 1|the provider returned status 500
          BEDROCK|"dropRate": 1|the provider returned status 500
          OPENAI|"malformedRate": 1|the provider reported an error
          ANTHROPIC|"malformedRate": 1|the provider reported an error
          GEMINI|"malformedRate": 1|the provider reported an error
          BEDROCK|"malformedRate": 1|the provider reported an error
          OPENAI|"disconnectRate": 1|(3 attempts)
          ANTHROPIC|"disconnectRate": 1|(3 attempts)
          GEMINI|"disconnectRate": 1|(3 attempts)
          BEDROCK|"disconnectRate": 1|(3 attempts)
          """)
  void providerFailureIsReportedByCause(AimockProvider provider, String chaos, String message) {
    String prompt =
        addFixture("\"response\": {\"content\": \"x\"}, \"chaos\": {%s}".formatted(chaos));

    Answer completion = chat(provider, prompt);
    Answer stream = run(provider, "chat/stream", prompt);

    assertThat(completion.status()).as(completion.text()).isEqualTo(502);
    assertThat(completion.text()).contains(message);
    assertThat(stream.status()).as(stream.text()).isEqualTo(502);
    assertThat(stream.text()).contains(message);
  }

  @ParameterizedTest
  @EnumSource(names = {"OPENAI", "ANTHROPIC", "GEMINI", "BEDROCK"})
  void unresponsiveProviderTimesOut(AimockProvider provider) {
    String prompt =
        addFixture("\"response\": {\"content\": \"x\"}, \"chaos\": {\"latencyMs\": 30000}");
    String agent = createAgent(provider, Aimock.KEY, "300ms");

    for (String what : List.of("chat", "chat/stream")) {
      Answer answer = post(agent, what, prompt);

      assertThat(answer.status()).as(answer.text()).isEqualTo(502);
      assertThat(answer.text()).contains("no complete response from the provider");
    }
  }

  @ParameterizedTest
  @EnumSource
  void wrongKeyIsReportedButNotShown(AimockProvider provider) {
    String key = "sk-wrong-0123456789abcdef";
    Answer answer = post(createAgent(provider, key, "5s"), "chat", "x");

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.text()).contains("the provider returned status 401").doesNotContain(key);
  }

  /// Adds a fixture with a new prompt.
  private String addFixture(String what) {
    String prompt = UUID.randomUUID().toString();
    aimock.addFixtures("{\"match\": {\"userMessage\": \"%s\"}, %s}".formatted(prompt, what));
    return prompt;
  }

  private static String rateLimited(int seconds) {
    return "\"response\": {\"status\": 429, \"retryAfter\": %d, \"error\": {\"message\": \"Slow down\"}}"
        .formatted(seconds);
  }

  private Answer chat(AimockProvider provider, String prompt) {
    return run(provider, "chat", prompt);
  }

  private Answer run(AimockProvider provider, String what, String prompt) {
    return post(createAgent(provider, Aimock.KEY, "5s"), what, prompt);
  }

  private Answer post(String agent, String what, String prompt) {
    return api.client()
        .post(
            "/api/agents/%s/%s".formatted(agent, what),
            "{\"prompt\": %s}".formatted(Json.MAPPER.writeValueAsString(prompt)));
  }

  private String createAgent(AimockProvider provider, String key, String timeout) {
    return AgentApi.id(
        api.createAgent(
            """
            {"provider": %s, "model": {"name": "%s"}, "client": {"timeout": "%s",
             "retry": {"max_retries": 2, "initial_backoff": "1ms", "max_backoff": "5s"}}}
            """
                .formatted(provider.config(aimock, key), provider.model(), timeout)));
  }
}
