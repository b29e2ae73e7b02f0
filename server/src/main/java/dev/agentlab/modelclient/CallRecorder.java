package dev.agentlab.modelclient;

import dev.agentlab.conversation.TokenUsage;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Measures one model call, and reports its end once. Thread-safe.
final class CallRecorder {
  private final String provider;
  private final String model;
  private final ModelCallMetrics metrics;
  private final Consumer<ModelCall> listener;
  private final LongSupplier nanoTime;
  private final long startNanos;
  private final AtomicBoolean hasContent = new AtomicBoolean();
  private volatile int attempts;
  private boolean ended;

  /// Starts the measurement.
  CallRecorder(
      String provider,
      String model,
      ModelCallMetrics metrics,
      Consumer<ModelCall> listener,
      LongSupplier nanoTime) {
    this.provider = provider;
    this.model = model;
    this.metrics = metrics;
    this.listener = listener;
    this.nanoTime = nanoTime;
    this.startNanos = nanoTime.getAsLong();
  }

  /// Runs the call, and reports its exception if it fails.
  <T> T call(Supplier<T> call) {
    try {
      return call.get();
    } catch (RuntimeException | Error e) {
      recordFailure(e, TokenUsage.NONE);
      throw e;
    }
  }

  /// Records the start of an attempt; the first one is 1.
  void recordAttempt(int number) {
    attempts = number;
  }

  /// Records the first content of the stream. Later calls have no effect.
  void recordContent() {
    if (!hasContent.get() && hasContent.compareAndSet(false, true)) {
      metrics.recordFirstContent(provider, model, elapsed());
    }
  }

  void recordSuccess(TokenUsage usage) {
    end(Optional.empty(), usage);
  }

  void recordFailure(Throwable failure, TokenUsage usage) {
    end(Optional.of(failure), usage);
  }

  /// Only the first report counts. A concurrent second one returns when the first is done.
  private synchronized void end(Optional<Throwable> failure, TokenUsage usage) {
    if (!ended) {
      ended = true;
      ModelCall call = new ModelCall(provider, model, attempts, failure);
      metrics.recordCall(call, elapsed(), usage);
      listener.accept(call);
    }
  }

  private Duration elapsed() {
    return Duration.ofNanos(nanoTime.getAsLong() - startNanos);
  }
}
