package dev.agentlab.modelclient;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.memory.MemoryBudget;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

/// Verifies that failures of a simulated provider are handled like those of a real one.
class SimulatedProviderCallTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final CallPolicy POLICY =
      new CallPolicy(
          TIMEOUT,
          TIMEOUT,
          10,
          new CallPolicy.RetryPolicy(3, Duration.ofMillis(1), Duration.ofMillis(5), 2, false));

  @Test
  void occasionalErrorIsRetried() {
    Target target = target("\"error_rate\": 0.5, \"error_status\": 503");
    ModelClient client = createClient(target);

    assertThat(client.complete(target, chat(false), TestModelClients.unobserved()).attempts())
        .isEqualTo(1);
    ModelResponse second = client.complete(target, chat(false), TestModelClients.unobserved());

    assertThat(second.attempts()).isEqualTo(2);
    assertThat(new String(second.json(), UTF_8)).contains("Last message: Hello");
  }

  @Test
  void rejectionMessageIsPreserved() {
    Target target = target("\"models\": \"other\"");

    ModelCallException failure =
        catchThrowableOfType(
            ModelCallException.class,
            () ->
                createClient(target).complete(target, chat(false), TestModelClients.unobserved()));

    assertThat(failure.getMessage()).contains("must be one of other");
  }

  @Test
  void streamIsCompleteOrEndsWithAnErrorEvent() throws Exception {
    assertThat(readStream("\"reply\": \"one two\""))
        .contains("\"content\":\"one\"", "\"content\":\" two\"")
        .endsWith("data: [DONE]\n\n");
    assertThat(readStream("\"reply\": \"one two\", \"truncate_after\": 1"))
        .contains("\"content\":\"one\"", "event: error\n")
        .doesNotContain("two", "[DONE]");
  }

  private static String readStream(String options) throws Exception {
    Target target = target(options);
    return new StreamSubscriber(
            createClient(target).stream(target, chat(true), TestModelClients.unobserved()).events())
        .readAll();
  }

  private static ModelClient createClient(Target target) {
    return new ModelClient(
        target.provider().transport().orElseThrow(),
        new ModelClientSettings(TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, 1 << 20),
        InstantSource.system(),
        new MemoryBudget(64 << 20),
        new SimpleMeterRegistry());
  }

  private static Target target(String options) {
    ProviderKinds kinds = ProviderKinds.standard();
    String config = "{\"name\": \"simulated\", \"options\": {%s}}".formatted(options);
    CallableProvider provider = kinds.build(kinds.parse(ProviderJson.MAPPER.readTree(config)));
    return new Target("simulated", "it", provider, POLICY);
  }

  private static ModelRequest chat(boolean streams) {
    String body =
        "{\"model\": \"m\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}], \"stream\": %s}"
            .formatted(streams);
    return ModelRequest.parse(Operation.CHAT, body.getBytes(UTF_8));
  }
}
