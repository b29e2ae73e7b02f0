package dev.agentlab.modelclient;

import static dev.agentlab.modelclient.TestModelClients.COMPLETION;
import static dev.agentlab.modelclient.TestModelClients.DONE;
import static dev.agentlab.modelclient.TestModelClients.FINISH;
import static dev.agentlab.modelclient.TestModelClients.FIRST;
import static dev.agentlab.modelclient.TestModelClients.NO_RETRIES;
import static dev.agentlab.modelclient.TestModelClients.closeAfter;
import static dev.agentlab.modelclient.TestModelClients.target;
import static dev.agentlab.testing.FakeUpstream.events;
import static dev.agentlab.testing.FakeUpstream.json;
import static dev.agentlab.testing.FakeUpstream.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.groups.Tuple.tuple;

import dev.agentlab.modelclient.CallRecord.AttemptRecord;
import dev.agentlab.modelclient.ModelCallException.Kind;
import dev.agentlab.testing.FakeUpstream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Verifies calls whose plan has several targets.
class CallPlanTest {
  private static final String STREAM = FIRST + FINISH + DONE;
  private static final String ROLE =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";

  private final TestModelClients clients = new TestModelClients();
  private final ModelClient client = clients.createClient();

  @AfterEach
  void stop() throws TimeoutException {
    clients.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 402, 403, 404, 408, 429, 500, 502, 503, 504, 529})
  void targetSpecificStatusTriesTheNextTarget(int status) throws Exception {
    try (FakeUpstream failing = FakeUpstream.start(response(status + " No", "text/plain", "no"));
        FakeUpstream working = FakeUpstream.start(json(COMPLETION))) {
      ModelResponse response = clients.complete(client, plan(failing, working));

      assertThat(response.target().provider()).isEqualTo("second");
      assertThat(response.attempts()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 405, 413, 415, 422, 301})
  void requestErrorDoesNotTryTheNextTarget(int status) throws Exception {
    try (FakeUpstream failing = FakeUpstream.start(response(status + " No", "text/plain", "no"));
        FakeUpstream working = FakeUpstream.start(json(COMPLETION))) {
      ModelCallException failure = failure(plan(failing, working));

      assertThat(failure.upstream().orElseThrow().status()).isEqualTo(status);
      assertThat(failure.attempts()).isEqualTo(1);
      assertThat(working.isIdle()).isTrue();
    }
  }

  @Test
  void unreachableTargetTriesTheNextTarget() throws Exception {
    FakeUpstream closed = FakeUpstream.start("");
    closed.close();
    try (FakeUpstream working = FakeUpstream.start(json(COMPLETION))) {
      assertThat(clients.complete(client, plan(closed, working)).target().provider())
          .isEqualTo("second");
      CallRecord call = clients.awaitEnded();
      assertThat(call.attempts())
          .extracting(AttemptRecord::provider, AttemptRecord::outcome)
          .containsExactly(tuple("first", "unreachable"), tuple("second", "success"));
      assertThat(call.provider()).isEqualTo("second");
      assertThat(call.outcome()).isEqualTo("success");
    }
  }

  @Test
  void lastFailureIsReported() throws Exception {
    try (FakeUpstream first = FakeUpstream.start(response("500 No", "text/plain", "one"));
        FakeUpstream second = FakeUpstream.start(response("404 No", "text/plain", "two"))) {
      ModelCallException failure = failure(plan(first, second));

      assertThat(failure).hasMessage("the provider returned status 404: two (2 attempts)");
      assertThat(failure.attempts()).isEqualTo(2);
      assertThat(clients.awaitEnded().outcome()).isEqualTo("refused");
      assertThat(clients.endedCalls).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ROLE, ROLE + "data: {\"error\":{\"message\":\"no\"}}\n\n"})
  void streamThatFailsBeforeContentTriesTheNextTarget(String begin) throws Exception {
    try (FakeUpstream failing = FakeUpstream.start(closeAfter(events() + begin));
        FakeUpstream working = FakeUpstream.start(closeAfter(events() + STREAM))) {
      ModelStream stream = clients.stream(client, plan(failing, working));

      assertThat(stream.target().provider()).isEqualTo("second");
      assertThat(new StreamSubscriber(stream.events()).readAll()).isEqualTo(STREAM);
    }
  }

  @Test
  void streamThatFailsAfterContentDoesNotTryTheNextTarget() throws Exception {
    try (FakeUpstream failing = FakeUpstream.start(closeAfter(events() + FIRST));
        FakeUpstream working = FakeUpstream.start(closeAfter(events() + STREAM))) {
      ModelStream stream = clients.stream(client, plan(failing, working));

      assertThat(new StreamSubscriber(stream.events()).readAll())
          .startsWith(FIRST + "event: error\n");
      assertThat(working.isIdle()).isTrue();
      assertThat(clients.awaitEnded().attempts()).hasSize(1);
    }
  }

  @Test
  void openBreakerTriesTheNextTarget() throws Exception {
    try (FakeUpstream failing = FakeUpstream.start(response("500 No", "text/plain", "no"));
        FakeUpstream working = FakeUpstream.start(json(COMPLETION))) {
      CallTarget first = named("first", failing);
      for (int i = 0; i < 10; i++) {
        clients.failureOf(client, first);
      }
      assertThat(clients.failureOf(client, first).kind()).isEqualTo(Kind.SUSPENDED);

      ModelResponse response = clients.complete(client, plan(failing, working));
      assertThat(response.target().provider()).isEqualTo("second");
      assertThat(response.attempts()).isEqualTo(1);
    }
  }

  @Test
  void eachTargetReceivesItsModel() throws Exception {
    try (FakeUpstream failing = FakeUpstream.start(response("404 No", "text/plain", "no"));
        FakeUpstream working = FakeUpstream.start(json(COMPLETION))) {
      CallTarget second = named("second", working);
      CallTarget other = new CallTarget("second", "second", second.callable(), "other", NO_RETRIES);
      clients.complete(client, TestModelClients.plan(named("first", failing), other));

      assertThat(failing.request().body()).contains("\"model\": \"m\"");
      assertThat(working.request().body()).contains("\"model\":\"other\"");
      assertThat(clients.awaitEnded().attempts())
          .extracting(AttemptRecord::model)
          .containsExactly("m", "other");
    }
  }

  @Test
  void openBreakerOfAModelLeavesOtherModelsAndCredentialsAlone() throws Exception {
    try (FakeUpstream failing = FakeUpstream.start(response("500 No", "text/plain", "no"))) {
      CallTarget target = target(failing, NO_RETRIES);
      for (int i = 0; i < 10; i++) {
        clients.failureOf(client, target);
      }
      CallTarget otherModel =
          new CallTarget("ollama", target.key(), target.callable(), "other", NO_RETRIES);
      CallTarget otherCredential =
          new CallTarget("ollama", target.key() + " f1", target.callable(), "m", NO_RETRIES);

      assertThat(clients.failureOf(client, target).kind()).isEqualTo(Kind.SUSPENDED);
      assertThat(clients.failureOf(client, otherModel).kind()).isEqualTo(Kind.REFUSED);
      assertThat(clients.failureOf(client, otherCredential).kind()).isEqualTo(Kind.REFUSED);
    }
  }

  @Test
  void planWithoutTargetIsRejected() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CallPlan(List.of(), Optional.empty()));
  }

  private ModelCallException failure(CallPlan plan) {
    return catchThrowableOfType(ModelCallException.class, () -> clients.complete(client, plan));
  }

  private static CallPlan plan(FakeUpstream first, FakeUpstream second) {
    return TestModelClients.plan(named("first", first), named("second", second));
  }

  private static CallTarget named(String name, FakeUpstream upstream) {
    return new CallTarget(name, name, target(upstream, NO_RETRIES).callable(), "m", NO_RETRIES);
  }
}
