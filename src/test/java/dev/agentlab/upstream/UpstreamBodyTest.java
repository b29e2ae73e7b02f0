package dev.agentlab.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.memory.MemoryBudget;
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
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final UpstreamLimits LIMITS =
      new UpstreamLimits(LONG, LONG, LONG, LONG, LONG, 100_000);
  private static final String HALF =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9\r\n\r\nhalf";

  private final EventLoops loops = new EventLoops();
  private final UpstreamClient client =
      new UpstreamClient(
          loops,
          new EgressPolicy(true, List.of()),
          Resolver.system(),
          LONG,
          new MemoryBudget(64 << 20));

  @AfterEach
  void stop() throws TimeoutException {
    client.stop(LONG);
    loops.stop(LONG);
  }

  @Test
  void aCutConnectionTakesNothingAlongThatCameBefore() throws Exception {
    FakeUpstream.Script cut =
        (_, out) -> {
          out.write(HALF.getBytes(UTF_8));
          out.close();
        };
    try (FakeUpstream upstream = FakeUpstream.answering(cut)) {
      UpstreamRequest request = UpstreamRequest.get(upstream.url("/"), Map.of(), Map.of());
      UpstreamStream stream = (UpstreamStream) client.open(request, LIMITS, new Cancellation());
      upstream.disconnect();
      // The client detects the closed connection before there is a subscriber.
      FakeUpstream.pause(Duration.ofMillis(200));
      Reader reader = new Reader();
      stream.body().subscribe(reader);

      assertThat(reader.end.get(10, TimeUnit.SECONDS)).isEqualTo(Kind.CUT_OFF);
      assertThat(reader.text).hasToString("half");
    }
  }

  @Test
  void whatComesAtOnceIsPassedOnInPartsOfABoundedSize() throws Exception {
    String body = "0123456789".repeat(100_000);
    FakeUpstream.Script fast =
        (_, out) -> {
          out.write((FakeUpstream.events() + body).getBytes(UTF_8));
          out.close();
        };
    try (FakeUpstream upstream = FakeUpstream.answering(fast)) {
      UpstreamRequest request = UpstreamRequest.get(upstream.url("/"), Map.of(), Map.of());
      UpstreamStream stream = (UpstreamStream) client.open(request, LIMITS, new Cancellation());
      Reader reader = new Reader();
      stream.body().subscribe(reader);

      assertThat(reader.whole.get(10, TimeUnit.SECONDS)).isEqualTo(body);
      assertThat(reader.largest).isLessThanOrEqualTo(64 << 10);
    }
  }

  /// Requests one part at a time.
  private static final class Reader implements Flow.Subscriber<byte[]> {
    final StringBuilder text = new StringBuilder();
    final CompletableFuture<Kind> end = new CompletableFuture<>();
    final CompletableFuture<String> whole = new CompletableFuture<>();
    int largest;
    private final CompletableFuture<Flow.Subscription> source = new CompletableFuture<>();

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      source.complete(subscription);
      subscription.request(1);
    }

    @Override
    public void onNext(byte[] part) {
      text.append(new String(part, UTF_8));
      largest = Math.max(largest, part.length);
      source.join().request(1);
    }

    @Override
    public void onError(Throwable thrown) {
      end.complete(((UpstreamException) thrown).kind());
    }

    @Override
    public void onComplete() {
      end.completeExceptionally(new AssertionError("completed without an error"));
      whole.complete(text.toString());
    }
  }
}
