package dev.agentlab.modelclient;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.testing.Await;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Verifies that failures of a simulated provider are handled like those of a real one.
class SimulatedProviderCallTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final CallPolicy POLICY =
      new CallPolicy(
          TIMEOUT,
          new RetryPolicy(3, Duration.ofMillis(1), Duration.ofMillis(5), 2, false),
          10,
          TIMEOUT);

  private final EventLoops loops = new EventLoops();

  @AfterEach
  void stop() throws TimeoutException {
    loops.stop(TIMEOUT);
  }

  @Test
  void occasionalErrorIsRetried() {
    CallTarget target = target("\"error_rate\": 0.5, \"error_status\": 503");
    ModelClient client = createClient(target);

    assertThat(complete(client, target).attempts()).isEqualTo(1);
    ModelResponse second = complete(client, target);

    assertThat(second.attempts()).isEqualTo(2);
    assertThat(new String(second.json(), UTF_8)).contains("Last message: Hello");
  }

  @Test
  void rejectionMessageIsPreserved() {
    CallTarget target = target("\"models\": [\"other\"]");

    ModelCallException failure =
        catchThrowableOfType(
            ModelCallException.class, () -> complete(createClient(target), target));

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

  private ModelResponse complete(ModelClient client, CallTarget target) {
    return Await.result(
        client.complete(CallPlan.of(target), chat(false), TestModelClients.unobserved(loops)));
  }

  private String readStream(String options) throws Exception {
    CallTarget target = target(options);
    ModelStream stream =
        Await.result(
            createClient(target).stream(
                CallPlan.of(target), chat(true), TestModelClients.unobserved(loops)));
    return new StreamSubscriber(stream.events()).readAll();
  }

  private static ModelClient createClient(CallTarget target) {
    return new ModelClient(
        target.callable().transport().orElseThrow(),
        new ModelClientSettings(TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, 1 << 20),
        InstantSource.system(),
        new MemoryBudget(64 << 20),
        new SimpleMeterRegistry(),
        new RecordedCalls(),
        _ -> {});
  }

  private static CallTarget target(String options) {
    ProviderKinds kinds = ProviderKinds.standard();
    String config = "{\"name\": \"simulated\", \"options\": {%s}}".formatted(options);
    CallableProvider provider = kinds.build(kinds.parse(ProviderJson.MAPPER.readTree(config)));
    return new CallTarget("simulated", "it", provider, "m", POLICY);
  }

  private static ModelRequest chat(boolean streams) {
    String body =
        "{\"model\": \"m\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}], \"stream\": %s}"
            .formatted(streams);
    return ModelRequest.parse(Operation.CHAT, body.getBytes(UTF_8));
  }
}
