package dev.agentlab.modelclient;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.kinds.LlmProvider;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.memory.MemoryBudget;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

/// Verifies that failures of a simulated provider are handled like those of a real one.
class SimulatedProviderCallTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final CallPolicy POLICY =
      new CallPolicy(
          LONG,
          LONG,
          10,
          new CallPolicy.Retries(3, Duration.ofMillis(1), Duration.ofMillis(5), 2, false));

  @Test
  void anErrorNowAndThenIsTriedAgain() {
    Target target = target("\"error_rate\": 0.5, \"error_status\": 503");
    ModelClient relay = relay(target);

    assertThat(relay.answer(target, chat(false), TestRelays.unobserved()).attempts()).isEqualTo(1);
    ModelResponse second = relay.answer(target, chat(false), TestRelays.unobserved());

    assertThat(second.attempts()).isEqualTo(2);
    assertThat(new String(second.json(), UTF_8)).contains("Last message: Hello");
  }

  @Test
  void aRefusalIsToldInItsOwnWords() {
    Target target = target("\"models\": \"other\"");

    ModelCallException failure =
        catchThrowableOfType(
            ModelCallException.class,
            () -> relay(target).answer(target, chat(false), TestRelays.unobserved()));

    assertThat(failure.getMessage()).contains("must be one of other");
  }

  @Test
  void aStreamComesWholeOrEndsInAnErrorEvent() throws Exception {
    assertThat(streamed("\"reply\": \"one two\""))
        .contains("\"content\":\"one\"", "\"content\":\" two\"")
        .endsWith("data: [DONE]\n\n");
    assertThat(streamed("\"reply\": \"one two\", \"truncate_after\": 1"))
        .contains("\"content\":\"one\"", "event: error\n")
        .doesNotContain("two", "[DONE]");
  }

  private static String streamed(String options) throws Exception {
    Target target = target(options);
    return new StreamSubscriber(
            relay(target).stream(target, chat(true), TestRelays.unobserved()).events())
        .all();
  }

  private static ModelClient relay(Target target) {
    return new ModelClient(
        target.provider().transport().orElseThrow(),
        new ModelClientSettings(LONG, LONG, LONG, LONG, 1 << 20),
        InstantSource.system(),
        new MemoryBudget(64 << 20),
        new SimpleMeterRegistry());
  }

  private static Target target(String options) {
    ProviderKinds kinds = ProviderKinds.standard();
    String config = "{\"name\": \"simulated\", \"options\": {%s}}".formatted(options);
    LlmProvider provider = kinds.build(kinds.parse(ProviderJson.MAPPER.readTree(config)));
    return new Target("simulated", "it", provider, POLICY);
  }

  private static ModelRequest chat(boolean streams) {
    String body =
        "{\"model\": \"m\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}], \"stream\": %s}"
            .formatted(streams);
    return ModelRequest.parse(Operation.CHAT, body.getBytes(UTF_8));
  }
}
