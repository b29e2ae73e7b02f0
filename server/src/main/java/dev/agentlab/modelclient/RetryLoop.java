package dev.agentlab.modelclient;

import dev.agentlab.dialects.ProviderRequest;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.eventloop.Completions;
import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.modelclient.CircuitBreaker.Permit;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Runs the attempts of one model call: decides whether to retry, after which delay, and when to
/// try the next target. Tries the targets of its plan in order, each as often as its retry policy
/// and its retry budget allow, until one has a result. Every attempt has a permit of the circuit
/// breaker of its target. Confined to the event loop of the call.
///
/// @param <T> the result: a response or a stream
final class RetryLoop<T> {

  /// Starts one attempt.
  @FunctionalInterface
  interface Starter<T> {
    /// Starts an attempt, without blocking.
    ///
    /// @param permit takes the success, now or when the response is complete; the caller of this
    ///   method reports a failure
    /// @return fails with a [FailedAttemptException] if the attempt has no result
    CompletableFuture<T> start(CallTarget target, ProviderRequest wire, Permit permit);
  }

  private final CallContext context;
  private final TargetHealth health;
  private final CallRecorder recorder;
  private final Function<CallTarget, ProviderRequest> translator;
  private final Function<CallTarget, Duration> attemptLimit;
  private final Starter<T> starter;
  private final CompletableFuture<T> result = new CompletableFuture<>();
  private final Iterator<CallTarget> targets;

  private CallTarget target;
  private ProviderRequest wire;
  private TargetHealth.TargetState state;

  /// The number of retries on the current target.
  private int retries;

  private EventLoop.@Nullable Timer backoff;

  /// @param translator translates the request for a target; throws [InvalidInputException] if the
  ///   target does not support it
  /// @param attemptLimit maximum duration of one attempt on a target
  /// @throws InvalidInputException if the first target does not support the request
  RetryLoop(
      CallPlan plan,
      CallContext context,
      TargetHealth health,
      CallRecorder recorder,
      Function<CallTarget, ProviderRequest> translator,
      Function<CallTarget, Duration> attemptLimit,
      Starter<T> starter) {
    this.context = context;
    this.health = health;
    this.recorder = recorder;
    this.translator = translator;
    this.attemptLimit = attemptLimit;
    this.starter = starter;
    this.targets = plan.targets().iterator();
    this.target = targets.next();
    this.state = health.get(target);
    // On the thread of the caller, because a large request takes long.
    this.wire = translator.apply(target);
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
    switch (state.breaker().requestPermit(attemptLimit.apply(target))) {
      case Permit permit -> attempt(permit);
      case CircuitBreaker.Rejection rejection -> onTargetFailure(FailureClassifier.of(rejection));
      // The response to another call may have set a later reset since this backoff started.
      case CircuitBreaker.RateLimit limit when retries > 0 ->
          onAttemptFailure(FailureClassifier.of(limit, true));
      case CircuitBreaker.RateLimit limit -> onTargetFailure(FailureClassifier.of(limit, false));
    }
  }

  private void attempt(Permit permit) {
    recorder.startAttempt(target, wire.body().length, wire.warnings());
    CompletableFuture<T> outcome;
    try {
      outcome = starter.start(target, wire, permit);
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
    RetryPolicy policy = target.policy().retry();
    boolean retryable =
        failure.isTransient()
            && retries < policy.maxRetries()
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

  private void onTargetFailure(CallFailure failure) {
    if (failure.isTargetSpecific() && targets.hasNext() && !context.cancellation().isCancelled()) {
      startOnNextTarget(targets.next(), failure);
    } else {
      fail(failure.toException(recorder.attempts()));
    }
  }

  /// Translates the request on another thread, because it may be large, and continues.
  private void startOnNextTarget(CallTarget next, CallFailure previous) {
    target = next;
    state = health.get(next);
    var _ =
        context
            .loop()
            .offload(() -> translator.apply(next))
            .whenComplete((translated, thrown) -> {
              if (translated != null) {
                wire = translated;
                startOnTarget();
              } else if (thrown instanceof InvalidInputException) {
                onTargetFailure(previous);
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
