package dev.agentlab.modelclient;

import static dev.agentlab.modelclient.TestModelClients.COMPLETION;
import static dev.agentlab.modelclient.TestModelClients.DONE;
import static dev.agentlab.modelclient.TestModelClients.FINISH;
import static dev.agentlab.modelclient.TestModelClients.FIRST;
import static dev.agentlab.modelclient.TestModelClients.KEY;
import static dev.agentlab.modelclient.TestModelClients.NO_RETRIES;
import static dev.agentlab.modelclient.TestModelClients.POLICY;
import static dev.agentlab.modelclient.TestModelClients.TIMEOUT;
import static dev.agentlab.modelclient.TestModelClients.target;
import static dev.agentlab.modelclient.TestModelClients.write;
import static dev.agentlab.testing.FakeUpstream.events;
import static dev.agentlab.testing.FakeUpstream.json;
import static dev.agentlab.testing.FakeUpstream.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.modelclient.ModelCallException.Kind;
import dev.agentlab.testing.FakeUpstream;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Verifies retries and the circuit breaker.
class ModelRetryTest {
  private final TestModelClients clients = new TestModelClients();

  @AfterEach
  void stop() throws TimeoutException {
    clients.close();
  }

  @Test
  void streamTruncatedBeforeItsFirstEventIsRetried() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (FakeUpstream upstream =
        FakeUpstream.start((request, out) -> {
          String body = calls.incrementAndGet() < 3 ? "" : FIRST + FINISH + DONE;
          write(out, events() + body);
          out.close();
        })) {
      ModelStream stream = clients.stream(clients.createClient(), target(upstream, POLICY));

      assertThat(stream.attempts()).isEqualTo(3);
      assertThat(new StreamSubscriber(stream.events()).readAll()).isEqualTo(FIRST + FINISH + DONE);
    }
  }

  @Test
  void roleOnlyStreamThatFailsIsRetriedUnseen() throws Exception {
    String role = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"%s\"}}]}\n\n";
    AtomicInteger calls = new AtomicInteger();
    try (FakeUpstream upstream =
        FakeUpstream.start((_, out) -> {
          write(out, events());
          write(
              out,
              calls.incrementAndGet() < 3
                  ? role.formatted("dropped")
                  : role.formatted("assistant") + FIRST + FINISH + DONE);
          out.close();
        })) {
      ModelStream stream = clients.stream(clients.createClient(), target(upstream, POLICY));

      assertThat(stream.attempts()).isEqualTo(3);
      assertThat(new StreamSubscriber(stream.events()).readAll())
          .isEqualTo(role.formatted("assistant") + FIRST + FINISH + DONE);
    }
  }

  @Test
  void roleOnlyStreamThatFailsIsAnExceptionWithoutRetry() throws Exception {
    String role = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]}\n\n";
    try (FakeUpstream upstream =
        FakeUpstream.start((_, out) -> {
          write(out, events() + role);
          out.close();
        })) {
      assertThat(clients.streamFailure(upstream, NO_RETRIES).kind()).isEqualTo(Kind.BROKEN);
    }
  }

  @Test
  void retryAfterIsAwaited() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    String busy = "HTTP/1.1 429 No\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";
    CallPolicy patient =
        new CallPolicy(
            TIMEOUT,
            new RetryPolicy(1, Duration.ofMillis(1), Duration.ofSeconds(5), 1, false),
            10,
            TIMEOUT);
    try (FakeUpstream upstream =
        FakeUpstream.start(
            (_, out) -> write(out, calls.incrementAndGet() == 1 ? busy : json(COMPLETION)))) {
      long start = System.nanoTime();
      ModelResponse response = clients.complete(clients.createClient(), target(upstream, patient));

      assertThat(response.attempts()).isEqualTo(2);
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    }
  }

  @Test
  void textOfARateLimitIsNotShownToLaterCalls() throws Exception {
    String busy =
        "HTTP/1.1 429 No\r\nRetry-After: 30\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbusy";
    try (FakeUpstream upstream = FakeUpstream.start((_, out) -> write(out, busy))) {
      ModelClient client = clients.createClient();
      CallTarget target = target(upstream, NO_RETRIES);

      assertThat(clients.failureOf(client, target))
          .hasMessage("the provider returned status 429: busy");
      assertThat(clients.failureOf(client, target))
          .hasMessage("the provider returned an error with status 429");
    }
  }

  @Test
  void announcedResetRejectsLaterCallsLocally() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    String busy = "HTTP/1.1 429 No\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n";
    try (FakeUpstream upstream =
        FakeUpstream.start((_, out) -> {
          calls.incrementAndGet();
          write(out, busy);
        })) {
      ManualClock clock = new ManualClock();
      ModelClient client = clients.createClient(clock);
      CallTarget target = target(upstream, POLICY);
      for (int i = 0; i < 30; i++) {
        assertThat(clients.failureOf(client, target).retryAfter()).contains(Duration.ofSeconds(30));
      }
      assertThat(calls).hasValue(1);
      CallTarget otherModel =
          new CallTarget("ollama", target.key(), target.callable(), "other", POLICY);
      clients.failureOf(client, otherModel);
      assertThat(calls).hasValue(2);

      clock.advance(Duration.ofSeconds(30));
      assertThat(clients.failureOf(client, target).kind()).isEqualTo(Kind.REFUSED);
      assertThat(calls).hasValue(3);
      assertThat(clients.meters.get("agentlab.open.circuit.breakers").gauge().value()).isZero();
    }
  }

  @Test
  void errorAfterOnlyCommentsIsRetried() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (FakeUpstream upstream =
        FakeUpstream.start((_, out) -> {
          write(out, events() + ": OPENROUTER PROCESSING\n\n");
          write(out, ": OPENROUTER PROCESSING\n\n");
          write(
              out,
              calls.incrementAndGet() < 3
                  ? "data: {\"error\":{\"type\":\"overloaded_error\"}}\n\n"
                  : FIRST + FINISH + DONE);
          out.close();
        })) {
      ModelStream stream = clients.stream(clients.createClient(), target(upstream, POLICY));

      assertThat(stream.attempts()).isEqualTo(3);
      assertThat(new StreamSubscriber(stream.events()).readAll()).isEqualTo(FIRST + FINISH + DONE);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 502, 503, 504, 529})
  void transientStatusIsRetried(int status) throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (FakeUpstream upstream =
        FakeUpstream.start((request, out) ->
            write(
                out,
                calls.incrementAndGet() < 3
                    ? response(status + " No", "text/plain", "later")
                    : json(COMPLETION)))) {
      ModelResponse response = clients.complete(clients.createClient(), target(upstream, POLICY));

      assertThat(response.attempts()).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404, 422, 500, 501, 301})
  void permanentStatusIsNotRetried(int status) throws Exception {
    String body = "{\"error\":{\"message\":\"no, " + KEY + "\"}}";
    try (FakeUpstream upstream =
        FakeUpstream.start(response(status + " No", "application/json", body))) {
      ModelCallException failure = clients.failure(upstream, POLICY);

      assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
      assertThat(failure.upstream().orElseThrow().status()).isEqualTo(status);
      assertThat(failure).hasMessage("the provider returned status %d: no, ***".formatted(status));
      assertThat(failure.attempts()).isEqualTo(1);
    }
  }

  @Test
  void retriesEndAtTheLimitOfThePolicy() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.start(response("503 No", "text/html", "<h1>Sorry</h1>"))) {
      ModelCallException failure = clients.failure(upstream, POLICY);

      assertThat(failure.attempts()).isEqualTo(4);
      assertThat(failure).hasMessage("the provider returned status 503 (4 attempts)");
    }
  }

  @Test
  void longRetryAfterIsReportedWithoutWaiting() throws Exception {
    String busy = "HTTP/1.1 429 No\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n";
    try (FakeUpstream upstream = FakeUpstream.start(busy)) {
      ModelCallException failure = clients.failure(upstream, POLICY);

      assertThat(failure.attempts()).isEqualTo(1);
      assertThat(failure.retryAfter()).contains(Duration.ofMinutes(2));
    }
  }

  @Test
  void refusedConnectionIsRetried() throws Exception {
    FakeUpstream closed = FakeUpstream.start("");
    closed.close();

    ModelCallException failure = clients.failure(closed, POLICY);

    assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
    assertThat(failure.attempts()).isEqualTo(4);
  }

  @Test
  void retryBudgetLimitsRetriesToAFractionOfCalls() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    String busy = "HTTP/1.1 429 No\r\nContent-Length: 0\r\n\r\n";
    try (FakeUpstream upstream =
        FakeUpstream.start((_, out) -> {
          calls.incrementAndGet();
          write(out, busy);
        })) {
      ModelClient client = clients.createClient();
      CallTarget target = target(upstream, POLICY);
      for (int i = 0; i < 50; i++) {
        var _ =
            catchThrowableOfType(ModelCallException.class, () -> clients.complete(client, target));
      }
      // 50 calls, a burst of 10 retries, and one retry per 5 calls.
      assertThat(calls.get()).isBetween(60, 71);
    }
  }

  @Test
  void repeatedFailuresOpenTheCircuitBreaker() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (FakeUpstream upstream =
        FakeUpstream.start((_, out) -> {
          calls.incrementAndGet();
          write(out, response("500 No", "text/plain", "broken"));
        })) {
      ModelClient client = clients.createClient();
      CallTarget target = target(upstream, NO_RETRIES);
      for (int i = 0; i < 10; i++) {
        clients.failureOf(client, target);
      }
      ModelCallException suspended = clients.failureOf(client, target);

      assertThat(suspended.kind()).isEqualTo(Kind.SUSPENDED);
      assertThat(suspended.retryAfter()).isPresent();
      assertThat(suspended.attempts()).isZero();
      assertThat(suspended)
          .hasMessageMatching(
              "provider circuit breaker is open since \\S+Z until \\S+Z; last cause: the provider"
                  + " returned an error with status 500");
      assertThat(calls).hasValue(10);
      CallTarget other = new CallTarget("other", "other", target.callable(), "m", NO_RETRIES);
      assertThat(clients.failureOf(client, other).kind()).isEqualTo(Kind.REFUSED);
    }
  }

  @Test
  void shortTimeoutsDoNotOpenTheCircuitBreaker() throws Exception {
    CallPolicy shortTimeout =
        new CallPolicy(Duration.ofMillis(1), NO_RETRIES.retry(), 10, NO_RETRIES.connectTimeout());
    try (FakeUpstream silent = FakeUpstream.start((_, out) -> {})) {
      ModelClient client = clients.createClient();
      for (int i = 0; i < 20; i++) {
        assertThat(clients.failureOf(client, target(silent, shortTimeout)).kind())
            .isNotEqualTo(Kind.SUSPENDED);
      }
    }
  }
}
