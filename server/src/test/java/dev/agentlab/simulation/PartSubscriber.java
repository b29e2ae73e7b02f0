package dev.agentlab.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A subscriber that requests the parts of a stream on demand, and keeps them.
final class PartSubscriber implements Flow.Subscriber<byte[]> {
  private static final int TIMEOUT_SECONDS = 20;

  private final long initialDemand;
  private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
  private final LinkedBlockingQueue<byte[]> parts = new LinkedBlockingQueue<>();
  private final CompletableFuture<Void> end = new CompletableFuture<>();

  /// @param initialDemand parts to request on subscription
  PartSubscriber(long initialDemand) {
    this.initialDemand = initialDemand;
  }

  static PartSubscriber all(Flow.Publisher<byte[]> body) {
    return of(body, Long.MAX_VALUE);
  }

  static PartSubscriber of(Flow.Publisher<byte[]> body, long initialDemand) {
    PartSubscriber received = new PartSubscriber(initialDemand);
    body.subscribe(received);
    return received;
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription.complete(given);
    if (initialDemand > 0) {
      given.request(initialDemand);
    }
  }

  @Override
  public void onNext(byte[] part) {
    parts.add(part);
  }

  @Override
  public void onError(Throwable failure) {
    end.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    end.complete(null);
  }

  Flow.Subscription subscription() {
    return subscription.join();
  }

  /// The next part, as text.
  String next() throws InterruptedException {
    byte[] part = parts.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    if (part == null) {
      throw new AssertionError("no part received");
    }
    return new String(part, UTF_8);
  }

  /// The number of parts received and not returned by [#next].
  int pendingCount() {
    return parts.size();
  }

  /// Completes when the stream ends.
  CompletableFuture<Void> end() {
    return end.orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  /// Awaits the end of the stream, and returns all remaining parts.
  byte[] bytes() {
    end().handle((_, _) -> true).join();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    parts.forEach(all::writeBytes);
    return all.toByteArray();
  }
}
