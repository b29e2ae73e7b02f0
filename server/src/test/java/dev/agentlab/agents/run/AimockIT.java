package dev.agentlab.agents.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.agents.AgentApi;
import dev.agentlab.agents.run.ChatEvents.Call;
import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.Await;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/// Agents on providers of every kind, against a third party's implementation of their wire formats.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AimockIT {
  private static final String CONTENT = "Grüezi! It is a fine day, \"so\" to speak. 🎉";
  private static final String FIXTURES =
      """
      {"match": {"systemMessage": "pirate", "userMessage": "Hello"},
       "response": {"content": "Arr!"}},
      {"match": {"userMessage": "Hello"},
       "response": {"content": %s, "usage": {"prompt_tokens": 11, "completion_tokens": 7}},
       "openRouterProcessing": true},
      {"match": {"userMessage": "weather", "toolResultContains": "21 degrees"},
       "response": {"content": "It is 21 degrees in Zürich."}},
      {"match": {"userMessage": "weather", "model": "gemini-2.0-flash"},
       "response": {"finishReason": "STOP", "toolCalls": [
         {"name": "weather", "arguments": {"city": "Zürich"}},
         {"name": "weather", "arguments": {"city": "Bern"}}]}},
      {"match": {"userMessage": "weather"},
       "response": {"toolCalls": [{"name": "weather", "arguments": {"city": "Zürich"}},
                                  {"name": "weather", "arguments": {"city": "Bern"}}]}},
      {"match": {"userMessage": "What is it?"}, "response": {"content": "A pixel."}},
      {"match": {"userMessage": "Think"},
       "response": {"content": "42", "reasoning": "Six times seven."}},
      {"match": {"inputText": "one"}, "response": {"embedding": [0.10, -1e-7, 3]}}
      """
          .formatted(Json.MAPPER.writeValueAsString(CONTENT));
  private static final String TOOL =
      """
      {"type": "function", "function": {"name": "weather", "description": "The weather now.",
       "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}\
      """;

  private final Aimock aimock = Aimock.start();
  @RegisterExtension private final TestServer server = new TestServer();
  private final AgentApi api = new AgentApi(server);

  @BeforeAll
  void start() {
    aimock.addFixtures(FIXTURES);
  }

  @AfterAll
  void stop() {
    aimock.close();
  }

  @ParameterizedTest
  @EnumSource
  void completionIsReturned(AimockProvider provider) {
    JsonNode answer = run(provider, "chat", "{\"prompt\": \"Hello\"}").json();

    assertThat(answer.at("/choices/0/message/content").asString()).isEqualTo(CONTENT);
    assertThat(answer.at("/choices/0/finish_reason").asString()).isEqualTo("stop");
    assertThat(answer.at("/usage/total_tokens").intValue()).isEqualTo(18);
  }

  @ParameterizedTest
  @EnumSource
  void completionIsStreamed(AimockProvider provider) {
    Answer answer = run(provider, "chat/stream", "{\"prompt\": \"Hello\"}");

    ChatEvents events = ChatEvents.of(answer.text());
    assertThat(events.content()).isEqualTo(CONTENT);
    assertThat(events.finishReason()).isEqualTo("stop");
    assertThat(answer.text()).endsWith("data: [DONE]\n\n").doesNotContain("event: error");
  }

  /// Mistral sends usage without a request for it, which aimock does not implement.
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MISTRAL")
  void streamReportsUsage(AimockProvider provider) {
    String request = "{\"prompt\": \"Hello\", \"stream_options\": {\"include_usage\": true}}";
    Answer answer = run(provider, "chat/stream", request);

    assertThat(ChatEvents.of(answer.text()).totalTokens()).as(answer.text()).isEqualTo(18);
  }

  @ParameterizedTest
  @EnumSource
  void systemPromptIsSent(AimockProvider provider) {
    String agent = createAgent(provider, "You are a pirate.");

    Answer answer = api.client().post(path(agent, "chat"), "{\"prompt\": \"Hello\"}");

    assertThat(answer.json().at("/choices/0/message/content").asString()).isEqualTo("Arr!");
  }

  @ParameterizedTest
  @EnumSource
  void toolsAreCalled(AimockProvider provider) {
    JsonNode answer =
        run(provider, "tools", "{\"prompt\": \"weather\", \"tools\": [%s]}".formatted(TOOL)).json();

    JsonNode calls = answer.at("/choices/0/message/tool_calls");
    assertThat(calls.size()).isEqualTo(2);
    assertThat(calls.at("/0/function/name").asString()).isEqualTo("weather");
    assertThat(json(calls.at("/0/function/arguments").asString()))
        .isEqualTo(json("{\"city\": \"Zürich\"}"));
    assertThat(json(calls.at("/1/function/arguments").asString()))
        .isEqualTo(json("{\"city\": \"Bern\"}"));
    assertThat(calls.at("/0/id").asString())
        .isNotEmpty()
        .isNotEqualTo(calls.at("/1/id").asString());
    assertThat(answer.at("/choices/0/finish_reason").asString()).isEqualTo("tool_calls");
    JsonNode tool = aimock.lastRequest().at("/tools/0/function");
    assertThat(tool.get("description").asString()).isEqualTo("The weather now.");
    // aimock does not support the member of Gemini for JSON Schemas.
    if (provider != AimockProvider.GEMINI) {
      assertThat(tool).isEqualTo(json(TOOL).get("function"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void toolCallsAreStreamed(AimockProvider provider) {
    Answer answer =
        run(
            provider,
            "chat/stream",
            "{\"prompt\": \"weather\", \"options\": {\"tools\": [%s]}}".formatted(TOOL));

    ChatEvents events = ChatEvents.of(answer.text());
    assertThat(events.toolCalls()).extracting(Call::name).containsExactly("weather", "weather");
    assertThat(events.toolCalls())
        .extracting(call -> json(call.arguments()))
        .containsExactly(json("{\"city\": \"Zürich\"}"), json("{\"city\": \"Bern\"}"));
    assertThat(events.toolCalls()).extracting(Call::id).doesNotHaveDuplicates().doesNotContain("");
    assertThat(events.finishReason()).isEqualTo("tool_calls");
  }

  @ParameterizedTest
  @EnumSource
  void toolResultIsSentToModel(AimockProvider provider) {
    Answer answer =
        run(
            provider,
            "chat",
            """
            {"options": {"tools": [%s]}, "messages": [
              {"role": "user", "content": "weather"},
              {"role": "assistant", "content": null, "tool_calls": [{"id": "call_1",
               "type": "function", "function": {"name": "weather", "arguments": "{}"}}]},
              {"role": "tool", "tool_call_id": "call_1", "content": "21 degrees"}]}
            """
                .formatted(TOOL));

    assertThat(answer.json().at("/choices/0/message/content").asString())
        .isEqualTo("It is 21 degrees in Zürich.");
  }

  /// The journal of aimock omits the images of these kinds.
  @ParameterizedTest
  @EnumSource(names = {"ANTHROPIC", "GEMINI", "BEDROCK"})
  void imagesAreAccepted(AimockProvider provider) {
    Answer answer =
        api.client()
            .post(
                path(createAgent(provider, ""), "vision"),
                VisionForm.create("What is it?", VisionForm.PNG),
                VisionForm.TYPE);

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.json().at("/choices/0/message/content").asString()).isEqualTo("A pixel.");
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"ANTHROPIC", "GEMINI", "BEDROCK"})
  void imagesAreSentUnchanged(AimockProvider provider) {
    imagesAreAccepted(provider);

    assertThat(aimock.lastRequest().at("/messages/0/content/1/image_url/url").asString())
        .isEqualTo("data:image/png;base64," + Base64.getEncoder().encodeToString(VisionForm.PNG));
  }

  @ParameterizedTest
  @EnumSource(names = {"OPENAI", "ANTHROPIC", "GEMINI", "BEDROCK"})
  void reasoningIsSeparatedFromContent(AimockProvider provider) {
    JsonNode message =
        run(provider, "chat", "{\"prompt\": \"Think\"}").json().at("/choices/0/message");
    ChatEvents events =
        ChatEvents.of(run(provider, "chat/stream", "{\"prompt\": \"Think\"}").text());

    assertThat(message.at("/content").asString()).isEqualTo("42");
    assertThat(message.at("/reasoning_content").asString()).isEqualTo("Six times seven.");
    assertThat(events.content()).isEqualTo("42");
    assertThat(events.concatenate("/choices/0/delta/reasoning_content"))
        .isEqualTo("Six times seven.");
  }

  /// aimock implements Gemini's endpoint for a single text only, and no embeddings of Bedrock.
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"GROQ", "ANTHROPIC", "GEMINI", "BEDROCK"})
  void embeddingsAreReturned(AimockProvider provider) {
    JsonNode answer = run(provider, "embed", "{\"input\": [\"one\", \"more\"]}").json();

    assertThat(answer.get("data").valueStream().map(it -> it.get("index").intValue()))
        .isEqualTo(List.of(0, 1));
    assertThat(answer.at("/data/0/embedding")).isEqualTo(json("[0.1, -1e-7, 3]"));
  }

  /// aimock lists the models of its fixtures, in OpenAI's format and path only.
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"AZURE_DEPLOYMENT", "GEMINI", "BEDROCK", "BEDROCK_OPENAI"})
  void modelsAreListed(AimockProvider provider) {
    Answer created =
        api.client()
            .post(
                "/api/providers",
                AgentApi.body(AgentApi.uniqueName("aimock"), provider.config(aimock, Aimock.KEY)));

    Answer probe = api.client().post("/api/providers/%s/probe".formatted(AgentApi.id(created)), "");
    assertThat(probe.json().get("ok").asBoolean()).as(probe.text()).isTrue();
    assertThat(models(AgentApi.id(created)).text()).contains(AimockProvider.GEMINI.model());
  }

  private Answer run(AimockProvider provider, String what, String json) {
    Answer answer = api.client().post(path(createAgent(provider, ""), what), json);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer;
  }

  /// The models of a provider, once they are known.
  private Answer models(String provider) {
    return Await.until(
        "the models are known",
        () -> api.client().get("/api/providers/%s/models".formatted(provider)),
        it -> !it.json().get("state").asString().equals("loading"));
  }

  private String createAgent(AimockProvider provider, String systemPrompt) {
    String embeddings =
        switch (provider) {
          case GROQ, ANTHROPIC -> "";
          default -> ", \"embeddings\": {}";
        };
    return AgentApi.id(
        api.createAgent(
            """
            {"system_prompt": "%s", "provider": %s, "model": {"name": "%s",
             "capabilities": {"chat": {}, "vision": {}, "tools": {}%s}}}
            """
                .formatted(
                    systemPrompt,
                    provider.config(aimock, Aimock.KEY),
                    provider.model(),
                    embeddings)));
  }

  private static String path(String agent, String what) {
    return "/api/agents/%s/%s".formatted(agent, what);
  }

  private static JsonNode json(String text) {
    return Json.MAPPER.readTree(text);
  }
}
