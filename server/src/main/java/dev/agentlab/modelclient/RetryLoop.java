package dev.agentlab.modelclient;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.eventloop.Completions;
import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.modelclient.CircuitBreaker.Permit;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Runs the attempts of one model call: decides whether to retry, after which delay, and when to
/// try the next target. Tries the targets of its plan in order, and skips those that take no calls
/// now, until one has a result. Only the last target is retried, as often as its retry policy and
/// its retry budget allow. Every attempt has a permit of the circuit breaker of its target.
/// Confined to the event loop of the call.
///
/// @param <R> the request for a target
/// @param <T> the result: a response or a stream
final class RetryLoop<R extends RetryLoop.TargetRequest, T> {

  /// A request for one target.
  interface TargetRequest {
    /// Its size, as far as it is known.
    long bytes();

    /// What its translation ignored or changed, one sentence each.
    List<String> warnings();
  }

  /// One attempt.
  ///
  /// @param permit takes the success, now or when the response is complete; the loop reports a
  ///   failure
  /// @param isLast whether no other target is left
  record Attempt<R>(
      CallPlan plan, PlannedTarget planned, R request, Permit permit, boolean isLast) {
    CallTarget target() {
      return planned.target();
    }

    /// Whether another target is tried after a failure.
    boolean fallsBackOn(CallFailure failure) {
      return !isLast && plan.fallsBackOn(failure);
    }
  }

  /// Starts one attempt.
  @FunctionalInterface
  interface Starter<R, T> {
    /// Starts an attempt, without blocking.
    ///
    /// @return fails with a [FailedAttemptException] if the attempt has no result
    CompletableFuture<T> start(Attempt<R> attempt);
  }

  private final CallPlan plan;
  private final CallContext context;
  private final TargetHealth health;
  private final CallRecorder recorder;
  private final Function<PlannedTarget, R> translator;
  private final Function<CallTarget, Duration> attemptLimit;
  private final Starter<R, T> starter;
  private final CompletableFuture<T> result = new CompletableFuture<>();
  private final Iterator<PlannedTarget> targets;

  /// The failure of each target so far, by its name.
  private final Map<String, CallFailure> failures = new LinkedHashMap<>();

  private PlannedTarget planned;
  private R request;
  private TargetHealth.TargetState state;

  /// The number of retries on the current target.
  private int retries;

  private EventLoop.@Nullable Timer backoff;

  /// @param translator translates the request for a target; throws [InvalidInputException] if the
  ///   target does not support it
  /// @param attemptLimit maximum duration of one attempt on a target
  /// @throws InvalidInputException if no target supports the request
  RetryLoop(
      CallPlan plan,
      CallContext context,
      TargetHealth health,
      CallRecorder recorder,
      Function<PlannedTarget, R> translator,
      Function<CallTarget, Duration> attemptLimit,
      Starter<R, T> starter) {
    this.plan = plan;
    this.context = context;
    this.health = health;
    this.recorder = recorder;
    this.translator = translator;
    this.attemptLimit = attemptLimit;
    this.starter = starter;
    this.targets = plan.targets().iterator();
    this.planned = targets.next();
    // On the thread of the caller, because a large request takes long.
    this.request = translateForFirst();
    this.state = health.get(planned.target());
  }

  /// Translates the request for the first target that supports it.
  private R translateForFirst() {
    InvalidInputException firstRejection = null;
    while (true) {
      try {
        return translator.apply(planned);
      } catch (InvalidInputException e) {
        firstRejection = firstRejection == null ? e : firstRejection;
        recorder.skip(planned, unsupported(e));
        if (!targets.hasNext()) {
          throw firstRejection;
        }
        planned = targets.next();
      }
    }
  }

  static String unsupported(InvalidInputException e) {
    return "does not support the request: " + e.getMessage();
  }

  /// Starts the call.
  ///
  /// @return completed on the event loop; fails with a [ModelCallException] if no target has a
  ///   result
  CompletableFuture<T> start() {
    Runnable unregister =
        context.cancellation().onCancel(() -> context.loop().execute(this::cancelBackoff));
    var _ = result.whenComplete((_, _) -> unregister.run());
    context.loop().execute(this::startOnTarget);
    return result;
  }

  private void startOnTarget() {
    state.budget().recordCall();
    retries = 0;
    attempt();
  }

  private void attempt() {
    switch (state.breaker().requestPermit(attemptLimit.apply(planned.target()))) {
      case Permit permit -> attempt(permit);
      case CircuitBreaker.Rejection rejection -> skip(FailureClassifier.of(rejection));
      // The response to another call may have set a later reset since this backoff started.
      case CircuitBreaker.RateLimit limit when retries > 0 ->
          onAttemptFailure(FailureClassifier.of(limit, true));
      case CircuitBreaker.RateLimit limit -> skip(FailureClassifier.of(limit, false));
    }
  }

  private void skip(CallFailure failure) {
    recorder.skip(planned, failure.message());
    onTargetFailure(failure);
  }

  private void attempt(Permit permit) {
    recorder.startAttempt(planned, request.bytes(), request.warnings());
    CompletableFuture<T> outcome;
    try {
      outcome = starter.start(new Attempt<>(plan, planned, request, permit, !targets.hasNext()));
    } catch (RuntimeException | Error e) {
      outcome = CompletableFuture.failedFuture(e);
    }
    var _ =
        outcome.whenComplete(
            (value, thrown) -> context.loop().execute(() -> onOutcome(permit, value, thrown)));
  }

  private void onOutcome(Permit permit, @Nullable T value, @Nullable Throwable thrown) {
    Throwable cause = thrown == null ? null : Completions.cause(thrown);
    if (cause == null) {
      result.complete(value);
    } else if (cause instanceof FailedAttemptException e) {
      e.failure().report(permit);
      recorder.failAttempt(e.failure());
      onAttemptFailure(e.failure());
    } else {
      // A trial call blocks all other calls until it is reported.
      permit.release();
      recorder.fail(cause);
      result.completeExceptionally(cause);
    }
  }

  private void onAttemptFailure(CallFailure failure) {
    Optional<Duration> delay = delayAfter(failure);
    if (delay.isPresent()) {
      retries++;
      backoff = context.loop().schedule(delay.get(), this::retry);
    } else {
      onTargetFailure(failure);
    }
  }

  private void retry() {
    backoff = null;
    attempt();
  }

  /// The delay before the next attempt on the same target; empty if there is none.
  private Optional<Duration> delayAfter(CallFailure failure) {
    RetryPolicy policy = planned.target().policy().retry();
    boolean retryable =
        failure.isTransient()
            && retries < policy.maxRetries()
            && !canFallBack(failure)
            && !context.cancellation().isCancelled();
    if (!retryable) {
      return Optional.empty();
    }
    Duration delay = policy.backoff(retries, ThreadLocalRandom.current().nextDouble());
    Duration requested = failure.retryAfter().orElse(Duration.ZERO);
    if (requested.compareTo(policy.maxBackoff()) > 0 || !state.budget().tryAcquire()) {
      return Optional.empty();
    }
    return Optional.of(requested.compareTo(delay) > 0 ? requested : delay);
  }

  private boolean canFallBack(CallFailure failure) {
    return targets.hasNext() && plan.fallsBackOn(failure);
  }

  private void onTargetFailure(CallFailure failure) {
    failures.put(planned.name(), failure);
    fallBackOrFail(failure);
  }

  private void fallBackOrFail(CallFailure failure) {
    if (canFallBack(failure) && !context.cancellation().isCancelled()) {
      startOnNextTarget(targets.next(), failure);
    } else {
      fail(exhausted(failure).toException(recorder.attempts()));
    }
  }

  /// The failure of the call. That of a route says so, unless the last target decided about the
  /// request itself.
  private CallFailure exhausted(CallFailure last) {
    boolean isOfRequest =
        !plan.fallsBackOn(last)
            || targets.hasNext()
            || last.fallbackCause().equals(Optional.of(FallbackCause.CONTEXT_LENGTH));
    return plan.route()
        .filter(_ -> !isOfRequest)
        .map(it -> FailureClassifier.withoutTarget(it.name(), failures))
        .orElse(last);
  }

  /// Translates the request on another thread, because it may be large, and continues.
  private void startOnNextTarget(PlannedTarget next, CallFailure previous) {
    planned = next;
    state = health.get(next.target());
    var _ =
        context
            .loop()
            .offload(() -> translator.apply(next))
            .whenComplete((translated, thrown) -> {
              if (translated != null) {
                request = translated;
                startOnTarget();
              } else if (thrown instanceof InvalidInputException e) {
                recorder.skip(next, unsupported(e));
                fallBackOrFail(previous);
              } else {
                fail(thrown);
              }
            });
  }

  private void cancelBackoff() {
    EventLoop.Timer current = backoff;
    if (current != null) {
      current.cancel();
      backoff = null;
      fail(FailureClassifier.cancelled().toException(recorder.attempts()));
    }
  }

  private void fail(Throwable failure) {
    recorder.fail(failure);
    result.completeExceptionally(failure);
  }
}
