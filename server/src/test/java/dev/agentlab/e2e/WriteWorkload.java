package dev.agentlab.e2e;

import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// A load of callers that create, update and delete their own providers, and record the
/// acknowledged writes.
final class WriteWorkload implements AutoCloseable {
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(20);

  private final TestClient service;
  private final AcknowledgedWrites writes;
  private final Queue<Reply> replies = new ConcurrentLinkedQueue<>();
  private final AtomicInteger successes = new AtomicInteger();
  private final AtomicInteger rejections = new AtomicInteger();
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Future<?>> running = new ArrayList<>();

  /// The outcome of a request.
  ///
  /// @param status 0 without a response
  /// @param retryAfter the `Retry-After` header; empty if absent
  record Reply(int status, String retryAfter, Duration after) {}

  private WriteWorkload(TestClient service, AcknowledgedWrites writes) {
    // A separate client, whose connections are closed with this workload.
    TestClient own = TestClient.of(service.base());
    this.service = service.key().map(own::as).orElse(own);
    this.writes = writes;
  }

  static WriteWorkload start(TestClient service, AcknowledgedWrites writes, int count) {
    WriteWorkload workload = new WriteWorkload(service, writes);
    for (int i = 0; i < count; i++) {
      workload.running.add(workload.threads.submit(workload::write));
    }
    return workload;
  }

  /// The number of successful requests.
  int successes() {
    return successes.get();
  }

  /// The number of requests that were rejected with status 503.
  int rejections() {
    return rejections.get();
  }

  /// Waits until more requests have succeeded.
  Duration awaitMore(int count) throws Exception {
    int wanted = successes() + count;
    return Await.until(wanted + " requests have succeeded", () -> successes() >= wanted);
  }

  /// Stops all callers.
  ///
  /// @return the outcomes of all requests
  List<Reply> stop() throws Exception {
    stopped.set(true);
    for (Future<?> writer : running) {
      writer.get(60, TimeUnit.SECONDS);
    }
    return List.copyOf(replies);
  }

  private Void write() throws InterruptedException {
    while (!stopped.get()) {
      if (!runLifecycle()) {
        Thread.sleep(PAUSE_AFTER_FAILURE);
      }
    }
    return null;
  }

  /// Creates, updates and possibly deletes one provider.
  ///
  /// @return whether all requests succeeded
  private boolean runLifecycle() {
    String name = "written " + UUID.randomUUID();
    Optional<Answer> created =
        sendExpecting(201, () -> service.post("/api/providers", body(name, address(0))));
    if (created.isEmpty()) {
      return false;
    }
    String id = created.get().json().get("id").asString();
    writes.acknowledged(id, Optional.of(address(0)));
    String path = "/api/providers/" + id;
    for (int change = 1; change <= 2; change++) {
      String address = address(change);
      writes.attempted(id, Optional.of(address));
      if (sendExpecting(200, () -> service.put(path, body(name, address))).isEmpty()) {
        return false;
      }
      writes.acknowledged(id, Optional.of(address));
    }
    if (name.charAt("written ".length()) < '8') {
      return true;
    }
    writes.attempted(id, Optional.empty());
    boolean deleted = sendExpecting(204, () -> service.delete(path)).isPresent();
    if (deleted) {
      writes.acknowledged(id, Optional.empty());
    }
    return deleted;
  }

  private Optional<Answer> sendExpecting(int status, Supplier<Answer> request) {
    long begin = System.nanoTime();
    Optional<Answer> answer = answer(request);
    replies.add(
        new Reply(
            answer.map(Answer::status).orElse(0),
            answer.map(it -> it.header("Retry-After")).orElse(""),
            Duration.ofNanos(System.nanoTime() - begin)));
    Optional<Answer> success = answer.filter(it -> it.status() == status);
    success.ifPresent(_ -> successes.incrementAndGet());
    answer.filter(it -> it.status() == 503).ifPresent(_ -> rejections.incrementAndGet());
    return success;
  }

  private static Optional<Answer> answer(Supplier<Answer> request) {
    try {
      return Optional.of(request.get());
    } catch (IllegalStateException e) {
      return Optional.empty();
    }
  }

  private static String address(int change) {
    return "http://127.0.0.1:11434/" + change;
  }

  private static String body(String name, String address) {
    return """
    {"name": "%s", "config": {"name": "ollama", "base_url": "%s", "options": {}}}\
    """
        .formatted(name, address);
  }

  @Override
  public void close() {
    stopped.set(true);
    threads.shutdownNow();
    service.http().shutdownNow();
  }
}
