package dev.agentlab.upstream;

import static dev.agentlab.upstream.TestClients.LIMITS;
import static dev.agentlab.upstream.TestClients.NO_ADDRESS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.upstream.UpstreamException.Kind;
import dev.agentlab.upstream.UpstreamRequest.Body;
import dev.agentlab.upstream.UpstreamRequest.ResponseMode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Calls of any method that send and receive streams of any bytes.
class RawUpstreamCallTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final TestClients clients = new TestClients();
  private final EventLoop loop = clients.loops().current();
  private final Cancellation cancellation = new Cancellation();
  private final UpstreamClient client = clients.create(NO_ADDRESS).client();

  @AfterEach
  void stop() {
    clients.close();
  }

  /// A body that a test sends part by part; records the requested demand.
  private static final class Source implements Flow.Publisher<byte[]>, Flow.Subscription {
    final AtomicLong requested = new AtomicLong();
    final CompletableFuture<Void> cancelled = new CompletableFuture<>();
    final CompletableFuture<Flow.Subscriber<? super byte[]>> subscriber = new CompletableFuture<>();

    @Override
    public void subscribe(Flow.Subscriber<? super byte[]> to) {
      to.onSubscribe(this);
      subscriber.complete(to);
    }

    @Override
    public void request(long parts) {
      requested.addAndGet(parts);
    }

    @Override
    public void cancel() {
      cancelled.complete(null);
    }

    void send(String part) {
      send(part.getBytes(UTF_8));
    }

    void send(byte[] part) {
      Await.result(subscriber).onNext(part);
    }

    void end() {
      Await.result(subscriber).onComplete();
    }
  }

  /// Collects a body.
  private static final class Sink implements Flow.Subscriber<byte[]> {
    final ByteArrayOutputStream received = new ByteArrayOutputStream();
    final CompletableFuture<String> text = new CompletableFuture<>();
    final CompletableFuture<Flow.Subscription> source = new CompletableFuture<>();

    static Sink of(UpstreamStream stream) {
      Sink sink = new Sink();
      stream.body().subscribe(sink);
      return sink;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      source.complete(subscription);
      subscription.request(Long.MAX_VALUE / 2);
    }

    @Override
    public void onNext(byte[] part) {
      received.writeBytes(part);
    }

    @Override
    public void onError(Throwable failure) {
      text.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      text.complete(received.toString(UTF_8));
    }
  }

  private static UpstreamRequest request(FakeUpstream upstream, String method, Body body) {
    return new UpstreamRequest(
        method,
        upstream.url("/any"),
        Map.of(),
        Map.of("content-type", "application/x-any"),
        body,
        ResponseMode.RAW,
        NetworkOptions.DEFAULT);
  }

  private CompletableFuture<Transport.Result> start(
      FakeUpstream upstream, Source source, OptionalLong length, UpstreamLimits limits) {
    return client.start(
        loop, request(upstream, "PUT", new Body.Stream(length, source)), limits, cancellation);
  }

  private CompletableFuture<Transport.Result> start(FakeUpstream upstream, Source source) {
    return start(upstream, source, OptionalLong.empty(), LIMITS);
  }

  private UpstreamStream send(FakeUpstream upstream, String method, Body body) {
    return (UpstreamStream)
        Await.result(client.start(loop, request(upstream, method, body), LIMITS, cancellation));
  }

  private static String readChunks(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      int length = Integer.parseInt(readLine(in), 16);
      body.write(in.readNBytes(length));
      readLine(in);
      if (length == 0) {
        return body.toString(UTF_8);
      }
    }
  }

  private static String readLine(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("closed");
      }
      line.write(c);
    }
    return line.toString(UTF_8).strip();
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(UTF_8));
    out.flush();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST", "PUT", "PATCH", "DELETE"})
  void methodPasses(String method) throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(OK)) {
      UpstreamStream stream = send(upstream, method, Body.NONE);
      assertThat(Await.result(Sink.of(stream).text)).isEqualTo("ok");
      assertThat(upstream.request().requestLine()).isEqualTo(method + " /any HTTP/1.1");
    }
  }

  @Test
  void responseToHeadHasNoBody() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.start("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")) {
      UpstreamStream stream = send(upstream, "HEAD", Body.NONE);
      assertThat(stream.headers()).containsEntry("content-length", "99");
      assertThat(Await.result(Sink.of(stream).text)).isEmpty();
    }
  }

  @Test
  void anyResponseIsAStream() throws Exception {
    String response =
        """
        HTTP/1.1 418 Teapot\r
        Content-Type: application/json\r
        Content-Encoding: br\r
        Vary: a\r
        Vary: b\r
        Content-Length: 2\r
        \r
        {}\
        """;
    try (FakeUpstream upstream = FakeUpstream.start(response)) {
      UpstreamStream stream = send(upstream, "POST", new Body.Bytes("x".getBytes(UTF_8)));
      assertThat(stream.status()).isEqualTo(418);
      assertThat(stream.headers())
          .containsEntry("content-encoding", "br")
          .containsEntry("vary", "a, b");
      assertThat(Await.result(Sink.of(stream).text)).isEqualTo("{}");
      FakeUpstream.Request request = upstream.request();
      assertThat(request.header("Content-Type")).contains("application/x-any");
      assertThat(request.header("Accept")).contains("*/*");
    }
  }

  @Test
  void bodyOfUnknownLengthIsChunked() throws Exception {
    CompletableFuture<String> received = new CompletableFuture<>();
    FakeUpstream.StreamScript script =
        (_, in, out) -> {
          received.complete(readChunks(in));
          write(out, OK);
        };
    try (FakeUpstream upstream = FakeUpstream.startStreaming(script)) {
      Source source = new Source();
      CompletableFuture<Transport.Result> result = start(upstream, source);
      source.send("one");
      source.send("two");
      source.end();
      assertThat(((UpstreamStream) Await.result(result)).status()).isEqualTo(200);
      assertThat(Await.result(received)).isEqualTo("onetwo");
      assertThat(upstream.request().header("Transfer-Encoding")).contains("chunked");
    }
  }

  @Test
  void bodyOfKnownLengthHasIt() throws Exception {
    CompletableFuture<String> received = new CompletableFuture<>();
    FakeUpstream.StreamScript script =
        (_, in, out) -> {
          received.complete(new String(in.readNBytes(6), UTF_8));
          write(out, OK);
        };
    try (FakeUpstream upstream = FakeUpstream.startStreaming(script)) {
      Source source = new Source();
      CompletableFuture<Transport.Result> result =
          start(upstream, source, OptionalLong.of(6), LIMITS);
      source.send("one");
      source.send("two");
      source.end();
      Await.result(result);
      assertThat(Await.result(received)).isEqualTo("onetwo");
      assertThat(upstream.request().header("Content-Length")).contains("6");
    }
  }

  @Test
  void slowUpstreamPausesTheSource() throws Exception {
    CompletableFuture<Void> proceed = new CompletableFuture<>();
    CompletableFuture<Long> received = new CompletableFuture<>();
    FakeUpstream.StreamScript script =
        (_, in, out) -> {
          proceed.join();
          received.complete((long) readChunks(in).length());
          write(out, OK);
        };
    try (FakeUpstream upstream = FakeUpstream.startStreaming(script)) {
      Source source = new Source();
      CompletableFuture<Transport.Result> result = start(upstream, source);
      byte[] part = new byte[1 << 16];
      long sent = 0;
      for (boolean paused = false; !paused; ) {
        long demand = sent + 1;
        paused = !isRequested(source, demand);
        if (!paused) {
          source.send(part);
          sent++;
        }
        assertThat(sent).isLessThan(1_000);
      }
      proceed.complete(null);
      long demand = sent + 1;
      Await.until("the source is resumed", () -> source.requested.get() >= demand);
      source.end();
      Await.result(result);
      assertThat(Await.result(received)).isEqualTo(sent * part.length);
    }
  }

  private static boolean isRequested(Source source, long demand) throws InterruptedException {
    for (int i = 0; i < 50 && source.requested.get() < demand; i++) {
      Thread.sleep(10);
    }
    return source.requested.get() >= demand;
  }

  @Test
  void responseBeforeTheEndOfTheBodyEndsTheUpload() throws Exception {
    FakeUpstream.StreamScript script =
        (_, _, out) -> write(out, "HTTP/1.1 413 Large\r\nContent-Length: 2\r\n\r\nno");
    try (FakeUpstream upstream = FakeUpstream.startStreaming(script)) {
      Source source = new Source();
      CompletableFuture<Transport.Result> result = start(upstream, source);
      source.send("one");
      UpstreamStream stream = (UpstreamStream) Await.result(result);
      assertThat(stream.status()).isEqualTo(413);
      assertThat(Await.result(Sink.of(stream).text)).isEqualTo("no");
      Await.result(source.cancelled);
      assertThat(upstream.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void responseCanArriveWhileTheBodyIsSent() throws Exception {
    FakeUpstream.StreamScript echo =
        (_, in, out) -> {
          write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
          for (String length = readLine(in); !length.equals("0"); length = readLine(in)) {
            byte[] part = in.readNBytes(Integer.parseInt(length, 16));
            readLine(in);
            write(out, length + "\r\n" + new String(part, UTF_8) + "\r\n");
          }
          readLine(in);
          write(out, "0\r\n\r\n");
        };
    try (FakeUpstream upstream = FakeUpstream.startStreaming(echo)) {
      Source source = new Source();
      CompletableFuture<Transport.Result> result = start(upstream, source);
      source.send("one");
      Sink sink = Sink.of((UpstreamStream) Await.result(result));
      Await.value("one", sink.received::toString);
      source.send("two");
      source.end();
      assertThat(Await.result(sink.text)).isEqualTo("onetwo");
    }
  }

  @Test
  void cancellationEndsTheUpload() throws Exception {
    FakeUpstream.StreamScript script = (_, in, _) -> in.readAllBytes();
    try (FakeUpstream upstream = FakeUpstream.startStreaming(script)) {
      Source source = new Source();
      CompletableFuture<Transport.Result> result = start(upstream, source);
      source.send("one");
      upstream.request();
      cancellation.cancel();
      assertThat(failureKind(result)).isEqualTo(Kind.CANCELLED);
      Await.result(source.cancelled);
      assertThat(upstream.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void failedSourceCancelsTheCall() throws Exception {
    FakeUpstream.StreamScript script = (_, in, _) -> in.readAllBytes();
    try (FakeUpstream upstream = FakeUpstream.startStreaming(script)) {
      Source source = new Source();
      CompletableFuture<Transport.Result> result = start(upstream, source);
      source.send("one");
      upstream.request();
      Await.result(source.subscriber).onError(new IllegalStateException("gone"));
      assertThat(failureKind(result)).isEqualTo(Kind.CANCELLED);
      assertThat(upstream.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void sourceThatFailsDuringTheResponseEndsIt() throws Exception {
    FakeUpstream.StreamScript script =
        (_, in, out) -> {
          write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
          in.readAllBytes();
        };
    try (FakeUpstream upstream = FakeUpstream.startStreaming(script)) {
      Source source = new Source();
      CompletableFuture<Transport.Result> result = start(upstream, source);
      source.send("one");
      Sink sink = Sink.of((UpstreamStream) Await.result(result));
      Await.result(source.subscriber).onError(new IllegalStateException("gone"));
      UpstreamException failure =
          catchThrowableOfType(UpstreamException.class, () -> Await.result(sink.text));
      assertThat(failure.kind()).isEqualTo(Kind.CANCELLED);
      assertThat(upstream.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void truncatedResponseFails() throws Exception {
    FakeUpstream.Script script =
        (_, out) -> {
          write(out, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
          out.close();
        };
    try (FakeUpstream upstream = FakeUpstream.start(script)) {
      Sink sink = Sink.of(send(upstream, "GET", Body.NONE));
      UpstreamException failure =
          catchThrowableOfType(UpstreamException.class, () -> Await.result(sink.text));
      assertThat(failure.kind()).isEqualTo(Kind.TRUNCATED);
    }
  }

  @Test
  void uploadLongerThanTheFirstByteTimeoutSucceeds() throws Exception {
    Duration firstByte = Duration.ofMillis(300);
    UpstreamLimits limits = LIMITS.withTimeouts(firstByte, firstByte, Duration.ofSeconds(10));
    FakeUpstream.StreamScript script =
        (_, in, out) -> {
          readChunks(in);
          write(out, OK);
        };
    try (FakeUpstream upstream = FakeUpstream.startStreaming(script)) {
      Source source = new Source();
      CompletableFuture<Transport.Result> result =
          start(upstream, source, OptionalLong.empty(), limits);
      source.send("one");
      Thread.sleep(800);
      source.send("two");
      source.end();
      assertThat(Await.result(Sink.of((UpstreamStream) Await.result(result)).text)).isEqualTo("ok");
    }
  }

  @Test
  void firstByteTimeoutStartsAtTheEndOfTheUpload() throws Exception {
    Duration firstByte = Duration.ofMillis(300);
    UpstreamLimits limits = LIMITS.withTimeouts(firstByte, firstByte, Duration.ofSeconds(10));
    FakeUpstream.StreamScript script = (_, in, _) -> readChunks(in);
    try (FakeUpstream upstream = FakeUpstream.startStreaming(script)) {
      Source source = new Source();
      CompletableFuture<Transport.Result> result =
          start(upstream, source, OptionalLong.empty(), limits);
      source.end();
      assertThat(failureKind(result)).isEqualTo(Kind.TIMEOUT);
    }
  }

  @Test
  void sourceThatIsTooSlowIsNotATimeoutOfTheUpstream() throws Exception {
    Duration total = Duration.ofMillis(300);
    UpstreamLimits limits = LIMITS.withTimeouts(total, total, total);
    FakeUpstream.StreamScript script = (_, in, _) -> readChunks(in);
    try (FakeUpstream upstream = FakeUpstream.startStreaming(script)) {
      CompletableFuture<Transport.Result> result =
          start(upstream, new Source(), OptionalLong.empty(), limits);
      assertThat(failureKind(result)).isEqualTo(Kind.NOT_SENT);
    }
  }

  @Test
  void staleConnectionIsReplacedBeforeAPartIsSent() throws Exception {
    CompletableFuture<Void> close = new CompletableFuture<>();
    FakeUpstream.StreamScript script =
        (request, in, out) -> {
          if (request.header("Transfer-Encoding").isPresent()) {
            readChunks(in);
          }
          write(out, OK);
          if (request.connection() == 1) {
            close.join();
            out.close();
          }
        };
    try (FakeUpstream upstream = FakeUpstream.startStreaming(script)) {
      Await.result(Sink.of(send(upstream, "GET", Body.NONE)).text);
      Source source = new Source();
      CompletableFuture<Transport.Result> result = start(upstream, source);
      Await.until("a part is requested", () -> source.requested.get() > 0);
      close.complete(null);
      // The client detects the closed connection.
      FakeUpstream.pause(Duration.ofMillis(300));
      source.send("one");
      source.end();
      assertThat(Await.result(Sink.of((UpstreamStream) Await.result(result)).text)).isEqualTo("ok");
    }
  }

  @Test
  void requestIsNotRepeatedAfterAPartIsSent() throws Exception {
    FakeUpstream.StreamScript script =
        (request, in, out) -> {
          if (request.header("Transfer-Encoding").isEmpty()) {
            write(out, OK);
          } else if (request.connection() == 1) {
            out.close();
          } else {
            readChunks(in);
            write(out, OK);
          }
        };
    try (FakeUpstream upstream = FakeUpstream.startStreaming(script)) {
      Await.result(Sink.of(send(upstream, "GET", Body.NONE)).text);
      Source source = new Source();
      CompletableFuture<Transport.Result> result = start(upstream, source);
      Await.until("a part is requested", () -> source.requested.get() > 0);
      source.send("one");
      source.end();
      // The connection breaks after the part was sent, so the request is not repeated.
      assertThat(failureKind(result)).isEqualTo(Kind.RESET);
    }
  }

  private static Kind failureKind(CompletableFuture<Transport.Result> result) {
    return catchThrowableOfType(UpstreamException.class, () -> Await.result(result)).kind();
  }
}
