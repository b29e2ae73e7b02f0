package dev.agentlab.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.upstream.UpstreamException.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UpstreamBodyTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final UpstreamLimits LIMITS =
      new UpstreamLimits(TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, 100_000);
  private static final String TRUNCATED_RESPONSE =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9\r\n\r\nhalf";

  private final EventLoops loops = new EventLoops();
  private final UpstreamClient client =
      new UpstreamClient(
          loops,
          new EgressPolicy(true, List.of()),
          Resolver.system(),
          TIMEOUT,
          new MemoryBudget(64 << 20));

  @AfterEach
  void stop() throws TimeoutException {
    client.stop(TIMEOUT);
    loops.stop(TIMEOUT);
  }

  @Test
  void closedConnectionDoesNotDropReceivedBytes() throws Exception {
    FakeUpstream.Script cut =
        (_, out) -> {
          out.write(TRUNCATED_RESPONSE.getBytes(UTF_8));
          out.close();
        };
    try (FakeUpstream upstream = FakeUpstream.start(cut)) {
      UpstreamRequest request = UpstreamRequest.get(upstream.url("/"), Map.of(), Map.of());
      UpstreamStream stream = open(request);
      upstream.disconnect();
      // The client detects the closed connection before there is a subscriber.
      FakeUpstream.pause(Duration.ofMillis(200));
      SequentialSubscriber reader = new SequentialSubscriber();
      stream.body().subscribe(reader);

      assertThat(reader.failureKind.get(10, TimeUnit.SECONDS)).isEqualTo(Kind.TRUNCATED);
      assertThat(reader.text).hasToString("half");
    }
  }

  @Test
  void largeBodyIsEmittedInBoundedParts() throws Exception {
    String body = "0123456789".repeat(100_000);
    FakeUpstream.Script fast =
        (_, out) -> {
          out.write((FakeUpstream.events() + body).getBytes(UTF_8));
          out.close();
        };
    try (FakeUpstream upstream = FakeUpstream.start(fast)) {
      UpstreamRequest request = UpstreamRequest.get(upstream.url("/"), Map.of(), Map.of());
      UpstreamStream stream = open(request);
      SequentialSubscriber reader = new SequentialSubscriber();
      stream.body().subscribe(reader);

      assertThat(reader.completeBody.get(10, TimeUnit.SECONDS)).isEqualTo(body);
      assertThat(reader.maxPartSize).isLessThanOrEqualTo(64 << 10);
    }
  }

  private UpstreamStream open(UpstreamRequest request) {
    return (UpstreamStream)
        Await.result(
            client.start(loops.current(), request.acceptingStream(), LIMITS, new Cancellation()));
  }

  /// Requests one part at a time.
  private static final class SequentialSubscriber implements Flow.Subscriber<byte[]> {
    final StringBuilder text = new StringBuilder();
    final CompletableFuture<Kind> failureKind = new CompletableFuture<>();
    final CompletableFuture<String> completeBody = new CompletableFuture<>();
    int maxPartSize;
    private final CompletableFuture<Flow.Subscription> sourceSubscription =
        new CompletableFuture<>();

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      sourceSubscription.complete(subscription);
      subscription.request(1);
    }

    @Override
    public void onNext(byte[] part) {
      text.append(new String(part, UTF_8));
      maxPartSize = Math.max(maxPartSize, part.length);
      sourceSubscription.join().request(1);
    }

    @Override
    public void onError(Throwable thrown) {
      failureKind.complete(((UpstreamException) thrown).kind());
    }

    @Override
    public void onComplete() {
      failureKind.completeExceptionally(new AssertionError("completed without an error"));
      completeBody.complete(text.toString());
    }
  }
}
