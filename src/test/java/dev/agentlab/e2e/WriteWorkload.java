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

/// Callers that create, change and delete providers, each its own, one after the other, and note in
/// a ledger what they were told.
final class WriteWorkload implements AutoCloseable {
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(20);

  private final TestClient service;
  private final AcknowledgedWrites ledger;
  private final Queue<Reply> replies = new ConcurrentLinkedQueue<>();
  private final AtomicInteger successes = new AtomicInteger();
  private final AtomicInteger refusals = new AtomicInteger();
  private final AtomicBoolean enough = new AtomicBoolean();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Future<?>> running = new ArrayList<>();

  /// How a request ended.
  ///
  /// @param status 0 when there was no answer
  /// @param retryAfter empty when the answer does not say
  record Reply(int status, String retryAfter, Duration after) {}

  private WriteWorkload(TestClient service, AcknowledgedWrites ledger) {
    // With connections of its own, which end with it.
    TestClient own = TestClient.of(service.base());
    this.service = service.key().map(own::as).orElse(own);
    this.ledger = ledger;
  }

  static WriteWorkload start(TestClient service, AcknowledgedWrites ledger, int count) {
    WriteWorkload writers = new WriteWorkload(service, ledger);
    for (int i = 0; i < count; i++) {
      writers.running.add(writers.threads.submit(writers::write));
    }
    return writers;
  }

  /// How many requests have succeeded.
  int successes() {
    return successes.get();
  }

  /// How many requests were answered that the service cannot serve them now.
  int refusals() {
    return refusals.get();
  }

  /// Returns once that many more requests have succeeded.
  Duration awaitMore(int count) throws Exception {
    int wanted = successes() + count;
    return Await.until(wanted + " requests have succeeded", () -> successes() >= wanted);
  }

  /// Ends the writing.
  ///
  /// @return what all requests came to
  List<Reply> stop() throws Exception {
    enough.set(true);
    for (Future<?> writer : running) {
      writer.get(60, TimeUnit.SECONDS);
    }
    return List.copyOf(replies);
  }

  private Void write() throws InterruptedException {
    while (!enough.get()) {
      if (!oneLife()) {
        Thread.sleep(PAUSE_AFTER_FAILURE);
      }
    }
    return null;
  }

  /// Takes one provider from its creation to its end, unless a request fails on the way.
  private boolean oneLife() {
    String name = "written " + UUID.randomUUID();
    Optional<Answer> made =
        succeeded(201, () -> service.post("/api/providers", body(name, address(0))));
    if (made.isEmpty()) {
      return false;
    }
    String id = made.get().json().get("id").asString();
    ledger.acknowledged(id, Optional.of(address(0)));
    String path = "/api/providers/" + id;
    for (int change = 1; change <= 2; change++) {
      String address = address(change);
      ledger.attempted(id, Optional.of(address));
      if (succeeded(200, () -> service.put(path, body(name, address))).isEmpty()) {
        return false;
      }
      ledger.acknowledged(id, Optional.of(address));
    }
    if (name.charAt("written ".length()) < '8') {
      return true;
    }
    ledger.attempted(id, Optional.empty());
    boolean deleted = succeeded(204, () -> service.delete(path)).isPresent();
    if (deleted) {
      ledger.acknowledged(id, Optional.empty());
    }
    return deleted;
  }

  private Optional<Answer> succeeded(int status, Supplier<Answer> request) {
    long begin = System.nanoTime();
    Optional<Answer> answer = answer(request);
    replies.add(
        new Reply(
            answer.map(Answer::status).orElse(0),
            answer.map(it -> it.header("Retry-After")).orElse(""),
            Duration.ofNanos(System.nanoTime() - begin)));
    Optional<Answer> success = answer.filter(it -> it.status() == status);
    success.ifPresent(_ -> successes.incrementAndGet());
    answer.filter(it -> it.status() == 503).ifPresent(_ -> refusals.incrementAndGet());
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
    enough.set(true);
    threads.shutdownNow();
    service.http().shutdownNow();
  }
}
