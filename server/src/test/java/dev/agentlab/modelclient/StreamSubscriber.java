package dev.agentlab.modelclient;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A subscriber that reads a stream part by part.
final class StreamSubscriber implements Flow.Subscriber<byte[]> {
  private static final byte[] END = {};

  private final BlockingQueue<byte[]> parts = new LinkedBlockingQueue<>();
  private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

  StreamSubscriber(Flow.Publisher<byte[]> events) {
    events.subscribe(this);
  }

  /// Reads the rest of the stream.
  String readAll() throws Exception {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part = take(); part.length > 0; part = take()) {
      all.writeBytes(part);
    }
    return all.toString(StandardCharsets.UTF_8);
  }

  /// Reads the next part.
  String readNext() throws Exception {
    return new String(take(), StandardCharsets.UTF_8);
  }

  void cancel() throws Exception {
    subscription.get(10, TimeUnit.SECONDS).cancel();
  }

  private byte[] take() throws Exception {
    if (parts.isEmpty()) {
      subscription.get(10, TimeUnit.SECONDS).request(1);
    }
    byte[] part = parts.poll(10, TimeUnit.SECONDS);
    if (part == null) {
      throw new AssertionError("no part was received");
    }
    return part;
  }

  @Override
  public void onSubscribe(Flow.Subscription to) {
    subscription.complete(to);
  }

  @Override
  public void onNext(byte[] part) {
    parts.add(part);
  }

  @Override
  public void onError(Throwable thrown) {
    parts.add(("failed: " + thrown).getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void onComplete() {
    parts.add(END);
  }
}
