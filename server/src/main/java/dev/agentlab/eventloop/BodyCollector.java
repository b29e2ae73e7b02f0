package dev.agentlab.eventloop;

import dev.agentlab.errors.UnavailableException;
import dev.agentlab.memory.MemoryBudget;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/// Collects a body that arrives in parts. Not thread-safe: the source signals from one thread at a
/// time, on which the result is completed.
public final class BodyCollector implements Flow.Subscriber<byte[]> {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final int maxBytes;
  private final MemoryBudget.Reservation memory;
  private final ByteArrayOutputStream collected = new ByteArrayOutputStream();
  private final CompletableFuture<Collected> result = new CompletableFuture<>();
  private Flow.@Nullable Subscription source;

  /// A collected body.
  ///
  /// @param isComplete false if the body is longer than the maximum; the rest is discarded
  @SuppressWarnings("ArrayRecordComponent") // Instances are never compared.
  public record Collected(byte[] bytes, boolean isComplete) {}

  /// @param maxBytes the maximum number of bytes
  /// @param memory the reservation for the bytes, closed by its owner
  public BodyCollector(int maxBytes, MemoryBudget.Reservation memory) {
    this.maxBytes = maxBytes;
    this.memory = memory;
  }

  /// Completed at the end of the body; fails with the failure of the source, or with an
  /// [UnavailableException] if there is no memory left.
  public CompletableFuture<Collected> result() {
    return result;
  }

  /// Ends the collection and the source.
  public void cancel(RuntimeException failure) {
    if (result.completeExceptionally(failure)) {
      cancelSource();
    }
  }

  private void cancelSource() {
    Flow.Subscription from = source;
    if (from != null) {
      from.cancel();
    }
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    source = subscription;
    if (result.isDone()) {
      subscription.cancel();
    } else {
      subscription.request(Long.MAX_VALUE);
    }
  }

  @Override
  public void onNext(byte[] part) {
    if (result.isDone()) {
      return;
    }
    int length = Math.min(part.length, maxBytes - collected.size());
    if (!memory.tryGrow(length)) {
      cancel(new UnavailableException("the service has no memory left for a body", RETRY_AFTER));
      return;
    }
    collected.write(part, 0, length);
    if (length < part.length) {
      cancelSource();
      result.complete(new Collected(collected.toByteArray(), false));
    }
  }

  @Override
  public void onError(Throwable failure) {
    result.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    result.complete(new Collected(collected.toByteArray(), true));
  }
}
