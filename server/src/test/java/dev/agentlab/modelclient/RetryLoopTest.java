package dev.agentlab.modelclient;

import static dev.agentlab.modelclient.TestModelClients.NO_RETRIES;
import static dev.agentlab.modelclient.TestModelClients.POLICY;
import static dev.agentlab.modelclient.TestModelClients.TIMEOUT;
import static dev.agentlab.modelclient.TestModelClients.target;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.dialects.Operation;
import dev.agentlab.modelclient.CallFailure.Effect;
import dev.agentlab.modelclient.CircuitBreaker.Permit;
import dev.agentlab.modelclient.ModelCallException.Kind;
import dev.agentlab.testing.Await;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Verifies attempts whose outcome the test decides.
class RetryLoopTest {
  private static final CallTarget TARGET = target("http://127.0.0.1:1", NO_RETRIES);

  private final TestModelClients clients = new TestModelClients();
  private final ManualClock clock = new ManualClock();
  private final TargetHealth health = new TargetHealth(clock::createBreaker);

  @AfterEach
  void stop() throws TimeoutException {
    clients.close();
  }

  @Test
  void trialWithJavaErrorAllowsTheNextCall() throws Exception {
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(() -> run(TARGET, failing(FailureClassifier.truncated())))
          .isInstanceOf(ModelCallException.class);
      clients.awaitEnded();
    }
    assertThat(health.openBreakers()).isEqualTo(1);
    clock.advance(Duration.ofSeconds(5));

    assertThatThrownBy(() ->
            run(
                TARGET,
                _ -> {
                  throw new StackOverflowError();
                }))
        .isInstanceOf(StackOverflowError.class);
    assertThat(clients.awaitEnded().outcome()).isEqualTo("internal_error");
    assertThat(run(TARGET, _ -> CompletableFuture.completedFuture("well"))).isEqualTo("well");
    assertThat(clients.endedCalls).isEmpty();
  }

  @Test
  void rateLimitedTargetRejectsCallsUntilItsReset() {
    limitRate(Duration.ofSeconds(20));

    ModelCallException rejected = failure(TARGET);
    assertThat(rejected.kind()).isEqualTo(Kind.REFUSED);
    assertThat(rejected).hasMessage("too many calls");
    assertThat(rejected.attempts()).isZero();
    assertThat(rejected.retryAfter()).contains(Duration.ofSeconds(20));
    assertThat(rejected.upstream().orElseThrow().status()).isEqualTo(429);
    clock.advance(Duration.ofSeconds(20));
    assertThat(run(TARGET, _ -> CompletableFuture.completedFuture("well"))).isEqualTo("well");
  }

  @Test
  void rateLimitHoldsForAMinuteAtMost() {
    limitRate(Duration.ofHours(3));

    assertThat(failure(TARGET).retryAfter()).contains(Duration.ofMinutes(1));
    clock.advance(Duration.ofMinutes(1));
    assertThat(run(TARGET, _ -> CompletableFuture.completedFuture("well"))).isEqualTo("well");
  }

  @Test
  void rateLimitsDoNotOpenTheCircuitBreaker() {
    for (int i = 0; i < 30; i++) {
      limitRate(Duration.ofSeconds(1));
      clock.advance(Duration.ofSeconds(1));
    }

    assertThat(health.openBreakers()).isZero();
  }

  @Test
  void retryWaitsForResetThatAnotherResponseSet() {
    AtomicInteger attempts = new AtomicInteger();
    CallTarget target = new CallTarget("a", "a", TARGET.callable(), "m", POLICY);
    String result =
        run(
            target,
            _ -> {
              if (attempts.incrementAndGet() > 1) {
                return CompletableFuture.completedFuture("well");
              }
              Permit another = (Permit) health.get(target).breaker().requestPermit(TIMEOUT);
              another.limitRate("too many calls", Duration.ofMillis(30));
              // After the backoff of this call, before the end of the limit.
              var _ =
                  clients
                      .context
                      .loop()
                      .schedule(Duration.ofMillis(10), () -> clock.advance(Duration.ofSeconds(1)));
              return CompletableFuture.failedFuture(
                  new FailedAttemptException(FailureClassifier.truncated()));
            });

    assertThat(result).isEqualTo("well");
    assertThat(attempts).hasValue(2);
  }

  @Test
  void rateLimitedTargetIsSkipped() {
    CallTarget other = new CallTarget("other", "other", TARGET.callable(), "m", NO_RETRIES);
    limitRate(Duration.ofSeconds(20));

    assertThat(
            run(
                TestModelClients.plan(TARGET, other),
                called -> CompletableFuture.completedFuture(called.target().provider())))
        .isEqualTo("other");
  }

  @Test
  void cancellationEndsTheBackoff() throws Exception {
    RetryPolicy slow = new RetryPolicy(3, Duration.ofHours(1), Duration.ofHours(1), 1, false);
    CallTarget target = target("http://127.0.0.1:1", new CallPolicy(TIMEOUT, slow, 10, TIMEOUT));
    CompletableFuture<Void> attempted = new CompletableFuture<>();
    CompletableFuture<String> result =
        start(
            CallPlan.of(target),
            _ -> {
              attempted.complete(null);
              return CompletableFuture.failedFuture(
                  new FailedAttemptException(FailureClassifier.truncated()));
            });
    Await.result(attempted);
    // The backoff starts in the same step of the event loop as the attempt.
    Await.result(CompletableFuture.runAsync(() -> {}, clients.context.loop()));
    clients.cancellation.cancel();

    ModelCallException failure =
        catchThrowableOfType(ModelCallException.class, () -> Await.result(result));
    assertThat(failure.kind()).isEqualTo(Kind.CANCELLED);
    assertThat(failure.attempts()).isEqualTo(1);
    CallRecord call = clients.awaitEnded();
    assertThat(call.outcome()).isEqualTo("cancelled");
    assertThat(call.attempts()).hasSize(1);
    assertThat(clients.endedCalls).isEmpty();
  }

  @Test
  void onlyTheLastTargetIsRetried() {
    CallTarget first = new CallTarget("first", "first", TARGET.callable(), "m", POLICY);
    CallTarget second = new CallTarget("second", "second", TARGET.callable(), "m", POLICY);
    assertThat(
            run(
                TestModelClients.plan(first, second),
                called ->
                    called.target().equals(first)
                        ? CompletableFuture.failedFuture(
                            new FailedAttemptException(FailureClassifier.truncated()))
                        : CompletableFuture.completedFuture(called.target().provider())))
        .isEqualTo("second");
    assertThat(Await.result(CompletableFuture.supplyAsync(clients.endedCalls::size)))
        .as("only the starter of the client ends the record of a success")
        .isZero();
  }

  /// Has the target respond that it takes no calls for a time.
  private void limitRate(Duration reset) {
    CallFailure limit =
        new CallFailure(
            Kind.REFUSED,
            "too many calls",
            Optional.of(ProviderError.of(429)),
            true,
            Optional.of(FallbackCause.RATE_LIMIT),
            Effect.RATE_LIMIT,
            Optional.of(reset));
    assertThatThrownBy(() -> run(TARGET, failing(limit))).isInstanceOf(ModelCallException.class);
  }

  private ModelCallException failure(CallTarget target) {
    return catchThrowableOfType(
        ModelCallException.class,
        () -> run(target, _ -> CompletableFuture.completedFuture("not called")));
  }

  private static RetryLoop.Starter<Sent, String> failing(CallFailure failure) {
    return _ -> CompletableFuture.failedFuture(new FailedAttemptException(failure));
  }

  private String run(CallTarget target, RetryLoop.Starter<Sent, String> starter) {
    return run(CallPlan.of(target), starter);
  }

  private String run(CallPlan plan, RetryLoop.Starter<Sent, String> starter) {
    return Await.result(start(plan, starter));
  }

  /// Starts a call whose successful attempts release their permit.
  private CompletableFuture<String> start(CallPlan plan, RetryLoop.Starter<Sent, String> starter) {
    CallRecorder recorder =
        new CallRecorder(
            clients.context.source(),
            Operation.CHAT,
            false,
            plan,
            health,
            clients.recorded,
            List.of(clients.context.listener()),
            InstantSource.system(),
            clock);
    return new RetryLoop<Sent, String>(
            plan,
            clients.context,
            health,
            recorder,
            _ -> new Sent(),
            _ -> TIMEOUT,
            attempt ->
                starter
                    .start(attempt)
                    .thenApply(result -> {
                      attempt.permit().succeed();
                      return result;
                    }))
        .start();
  }

  private record Sent() implements RetryLoop.TargetRequest {
    @Override
    public long bytes() {
      return 0;
    }

    @Override
    public List<String> warnings() {
      return List.of();
    }
  }
}
