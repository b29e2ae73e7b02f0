package dev.agentlab.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.security.Scope;
import dev.agentlab.testing.Await;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Routes that receive the request body as it arrives, and send a stream of bytes.
class BodyStreamTest {
  private static final String HEAD = "POST /up HTTP/1.1\r\nContent-Type: application/x-any";
  private static final int MAX_BYTES = 1000;

  /// Collects a body. Requests the next part only when the test permits it.
  private static final class Reader implements Flow.Subscriber<byte[]> {
    final ByteArrayOutputStream received = new ByteArrayOutputStream();
    final AtomicLong count = new AtomicLong();
    final CompletableFuture<Flow.Subscription> source = new CompletableFuture<>();
    final CompletableFuture<String> text = new CompletableFuture<>();
    private final boolean eager;

    Reader(boolean eager) {
      this.eager = eager;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      source.complete(subscription);
      if (eager) {
        subscription.request(1);
      }
    }

    @Override
    public void onNext(byte[] part) {
      received.writeBytes(part);
      count.addAndGet(part.length);
      if (eager) {
        source.join().request(1);
      }
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

  private final Reader reader = new Reader(true);

  private static Route route(
      Method method, Function<Request<BodyStream>, CompletableFuture<Response>> handler) {
    return Route.of(method, "/up", "Upload")
        .requires(Scope.PUBLIC)
        .acceptsStream(MAX_BYTES)
        .returnsBytes(200)
        .handledOnLoopBy(handler);
  }

  private static Route unlimited(
      Function<Request<BodyStream>, CompletableFuture<Response>> handler) {
    return Route.post("/up", "Upload")
        .requires(Scope.PUBLIC)
        .acceptsStream(0)
        .returnsBytes(200)
        .handledOnLoopBy(handler);
  }

  private CompletableFuture<Response> read(Request<BodyStream> request) {
    request.onCancel(() -> {});
    request.body().subscribe(reader);
    return reader.text.thenApply(text -> Response.text(200, "text/plain", text));
  }

  private Route lengthRoute(CompletableFuture<OptionalLong> length) {
    return route(
        Method.POST,
        request -> {
          length.complete(request.body().length());
          return read(request);
        });
  }

  private static RouteServer withReadTimeout(Duration timeout, Route route) {
    HttpSettings defaults = RouteServer.settings();
    return RouteServer.of(
        new HttpSettings(
            defaults.host(),
            defaults.port(),
            defaults.allowedHosts(),
            defaults.trustedProxies(),
            timeout,
            defaults.writeTimeout(),
            defaults.idleTimeout(),
            defaults.heartbeat(),
            defaults.maxBodySize(),
            defaults.maxInFlight(),
            defaults.tls(),
            defaults.cors(),
            defaults.publicOrigin()),
        route);
  }

  @Test
  void bodyWithKnownLengthIsReceived() throws Exception {
    CompletableFuture<OptionalLong> length = new CompletableFuture<>();
    Route route = lengthRoute(length);
    try (RouteServer server = RouteServer.of(route);
        RawHttpConnection wire = server.connect()) {
      assertThat(wire.send(HEAD, "one").readResponse().text()).isEqualTo("one");
      assertThat(length.join()).hasValue(3);
      wire.send("GET /nothing HTTP/1.1", "");
      assertThat(wire.readResponse().status()).isEqualTo(404);
    }
  }

  @Test
  void chunkedBodyIsReceivedAsItArrives() throws Exception {
    CompletableFuture<OptionalLong> length = new CompletableFuture<>();
    Route route = lengthRoute(length);
    try (RouteServer server = RouteServer.of(route);
        RawHttpConnection wire = server.connect()) {
      wire.sendRaw(HEAD + "\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
      Await.value(3L, reader.count::get);
      wire.sendRaw("3\r\ntwo\r\n0\r\n\r\n");
      assertThat(wire.readResponse().text()).isEqualTo("onetwo");
      assertThat(length.join()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PATCH", "DELETE"})
  void requestWithoutABodyHasAnEmptyOne(String method) throws Exception {
    try (RouteServer server = RouteServer.of(route(Method.valueOf(method), this::read))) {
      RawHttpConnection.RawResponse response = server.send(method + " /up HTTP/1.1");
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.text()).isEmpty();
    }
  }

  @Test
  void handlerSeesTheMethodAndTheUndecodedTarget() throws Exception {
    CompletableFuture<List<String>> seen = new CompletableFuture<>();
    Param<String> rest = Param.pathText("rest", "The rest.");
    Route route =
        Route.get("/up/{rest*}", "Upload")
            .requires(Scope.PUBLIC)
            .parameters(rest)
            .acceptsStream(0)
            .returnsBytes(200)
            .handledOnLoopBy(request -> {
              seen.complete(List.of(request.method(), request.rawPath(), request.path(rest)));
              return CompletableFuture.completedFuture(Response.noContent());
            });
    try (RouteServer server = RouteServer.of(route);
        RawHttpConnection wire = server.connect()) {
      wire.send("HEAD /up/a%2Fb/%63 HTTP/1.1", "");
      assertThat(wire.readResponse(true).status()).isEqualTo(204);
      assertThat(seen.join()).containsExactly("HEAD", "/up/a%2Fb/%63", "a/b/c");
    }
  }

  @Test
  void unreadBodyIsNotReceived() throws Exception {
    Reader slow = new Reader(false);
    Route route =
        unlimited(request -> {
          request.onCancel(() -> {});
          request.body().subscribe(slow);
          return slow.text.thenApply(text -> Response.text(200, "text/plain", text));
        });
    byte[] body = new byte[64 << 20];
    try (RouteServer server = RouteServer.of(route);
        RawHttpConnection wire = server.connect()) {
      AtomicLong sent = new AtomicLong();
      wire.sendRaw(
          HEAD + "\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n".formatted(body.length));
      Thread sender =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  for (int at = 0; at < body.length; at += 1 << 16) {
                    wire.socket().getOutputStream().write(body, at, 1 << 16);
                    sent.addAndGet(1 << 16);
                  }
                } catch (java.io.IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      slow.source.get().request(1);
      Await.until("a part arrives", () -> slow.count.get() > 0);
      Thread.sleep(500);
      assertThat(slow.count.get()).isLessThan(1 << 17);
      // What the socket buffers of both sides hold.
      assertThat(sent.get()).isLessThan(32L << 20);
      slow.source.get().request(Long.MAX_VALUE / 2);
      assertThat(wire.readResponse().status()).isEqualTo(200);
      assertThat(slow.count.get()).isEqualTo(body.length);
      sender.join();
    }
  }

  @Test
  void announcedBodyAboveTheLimitIsRejected() throws Exception {
    try (RouteServer server = RouteServer.of(route(Method.POST, this::read))) {
      assertThat(server.send(HEAD, "x".repeat(MAX_BYTES + 1)).status()).isEqualTo(413);
      assertThat(reader.source).isNotDone();
    }
  }

  @Test
  void chunkedBodyAboveTheLimitIsRejected() throws Exception {
    try (RouteServer server = RouteServer.of(route(Method.POST, this::read));
        RawHttpConnection wire = server.connect()) {
      wire.sendRaw(HEAD + "\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
      wire.sendRaw("7d0\r\n" + "x".repeat(2000) + "\r\n");
      RawHttpConnection.RawResponse response = wire.readResponse();
      assertThat(response.status()).isEqualTo(413);
      assertThat(response.header("connection")).isEqualTo("close");
      assertThat(reader.text).isCompletedExceptionally();
    }
  }

  @Test
  void stalledBodyIsRejectedAfterTheReadTimeout() throws Exception {
    try (RouteServer server =
            withReadTimeout(Duration.ofMillis(200), route(Method.POST, this::read));
        RawHttpConnection wire = server.connect()) {
      wire.sendRaw(HEAD + "\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf");
      assertThat(wire.readResponse().status()).isEqualTo(408);
    }
  }

  @Test
  void slowBodyThatMakesProgressIsReceived() throws Exception {
    try (RouteServer server =
            withReadTimeout(Duration.ofMillis(400), route(Method.POST, this::read));
        RawHttpConnection wire = server.connect()) {
      wire.sendRaw(HEAD + "\r\nHost: localhost\r\nContent-Length: 8\r\n\r\n");
      for (int i = 0; i < 8; i++) {
        Thread.sleep(100);
        wire.sendRaw(Integer.toString(i));
      }
      assertThat(wire.readResponse().text()).isEqualTo("01234567");
    }
  }

  @Test
  void bodyThatIsNotRequestedDoesNotTimeOut() throws Exception {
    Reader slow = new Reader(false);
    Route route =
        unlimited(request -> {
          request.body().subscribe(slow);
          return slow.text.thenApply(text -> Response.text(200, "text/plain", text));
        });
    try (RouteServer server = withReadTimeout(Duration.ofMillis(100), route);
        RawHttpConnection wire = server.connect()) {
      wire.send(HEAD, "late");
      Thread.sleep(500);
      slow.source.get().request(10);
      assertThat(wire.readResponse().text()).isEqualTo("late");
    }
  }

  @Test
  void disconnectFailsTheBodyAndCancelsTheRequest() throws Exception {
    CountDownLatch cancelled = new CountDownLatch(1);
    Route route =
        route(
            Method.POST,
            request -> {
              request.onCancel(cancelled::countDown);
              request.body().subscribe(reader);
              return reader.text.thenApply(text -> Response.text(200, "text/plain", text));
            });
    try (RouteServer server = RouteServer.of(route)) {
      try (RawHttpConnection wire = server.connect()) {
        wire.sendRaw(HEAD + "\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf");
        Await.value(4L, reader.count::get);
      }
      Await.open(cancelled);
      Await.until("the body fails", reader.text::isCompletedExceptionally);
      Await.value(0.0, () -> server.meters().get("http.server.in.flight").gauge().value());
    }
  }

  @Test
  void responseBeforeTheEndOfTheBodyClosesTheConnection() throws Exception {
    Route route =
        route(
            Method.POST,
            _ -> CompletableFuture.failedFuture(new InvalidInputException("a", "must be 1")));
    try (RouteServer server = RouteServer.of(route);
        RawHttpConnection wire = server.connect()) {
      wire.sendRaw(HEAD + "\r\nHost: localhost\r\nContent-Length: 900\r\n\r\nhalf");
      RawHttpConnection.RawResponse response = wire.readResponse();
      assertThat(response.status()).isEqualTo(400);
      assertThat(response.header("connection")).isEqualTo("close");
      assertThat(wire.isClosed()).isTrue();
    }
  }

  @Test
  void continueIsSentWhenTheBodyIsRead() throws Exception {
    CompletableFuture<Request<BodyStream>> handled = new CompletableFuture<>();
    Route route =
        route(
            Method.POST,
            request -> {
              handled.complete(request);
              return reader.text.thenApply(text -> Response.text(200, "text/plain", text));
            });
    try (RouteServer server = RouteServer.of(route);
        RawHttpConnection wire = server.connect()) {
      wire.sendRaw(
          HEAD + "\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
      Request<BodyStream> request = handled.get();
      request.body().subscribe(reader);
      assertThat(wire.readHead().status()).isEqualTo(100);
      wire.sendRaw("one");
      assertThat(wire.readResponse().text()).isEqualTo("one");
    }
  }

  /// Sends its parts on demand, then completes or fails.
  private record Parts(List<String> texts, boolean fails) implements Flow.Publisher<byte[]> {
    @Override
    public void subscribe(Flow.Subscriber<? super byte[]> to) {
      to.onSubscribe(
          new Flow.Subscription() {
            private int next;

            @Override
            public void request(long parts) {
              for (long i = 0; i < parts && next < texts.size(); i++) {
                to.onNext(texts.get(next++).getBytes(ISO_8859_1));
              }
              if (next == texts.size()) {
                next++;
                if (fails) {
                  to.onError(new IllegalStateException("broken off"));
                } else {
                  to.onComplete();
                }
              }
            }

            @Override
            public void cancel() {}
          });
    }
  }

  private static Route answering(int status, OptionalLong length, Parts parts) {
    return Route.get("/down", "Download")
        .requires(Scope.PUBLIC)
        .returnsBytes(200)
        .handledOnLoopBy(_ ->
            CompletableFuture.completedFuture(
                new Response(
                    status,
                    Map.of("X-Vendor", "v"),
                    new Response.Content.Stream("audio/mpeg", length, parts))));
  }

  @Test
  void streamHasItsStatusMediaTypeHeadersAndLength() throws Exception {
    Parts parts = new Parts(List.of("ab", "c"), false);
    try (RouteServer server = RouteServer.of(answering(203, OptionalLong.of(3), parts))) {
      RawHttpConnection.RawResponse response = server.send("GET /down HTTP/1.1");
      assertThat(response.status()).isEqualTo(203);
      assertThat(response.header("content-type")).isEqualTo("audio/mpeg");
      assertThat(response.header("x-vendor")).isEqualTo("v");
      assertThat(response.header("content-length")).isEqualTo("3");
      assertThat(response.header("transfer-encoding")).isEmpty();
      assertThat(response.text()).isEqualTo("abc");
    }
  }

  @Test
  void streamWithoutALengthIsChunked() throws Exception {
    Parts parts = new Parts(List.of("ab", "c"), false);
    try (RouteServer server = RouteServer.of(answering(200, OptionalLong.empty(), parts));
        RawHttpConnection wire = server.connect()) {
      wire.send("GET /down HTTP/1.1", "");
      assertThat(wire.readResponse().text()).isEqualTo("abc");
      wire.send("GET /down HTTP/1.1", "");
      assertThat(wire.readResponse().text()).isEqualTo("abc");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 3})
  void headHasNoBody(long length) throws Exception {
    Parts parts = new Parts(List.of(), false);
    OptionalLong known = length < 0 ? OptionalLong.empty() : OptionalLong.of(length);
    try (RouteServer server = RouteServer.of(answering(200, known, parts));
        RawHttpConnection wire = server.connect()) {
      for (int i = 0; i < 2; i++) {
        wire.send("HEAD /down HTTP/1.1", "");
        RawHttpConnection.RawResponse response = wire.readResponse(true);
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.header("content-length")).isEqualTo(length < 0 ? "" : "3");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {204, 304})
  void statusWithoutABodyHasNoFraming(int status) throws Exception {
    Parts parts = new Parts(List.of(), false);
    try (RouteServer server = RouteServer.of(answering(status, OptionalLong.empty(), parts));
        RawHttpConnection wire = server.connect()) {
      for (int i = 0; i < 2; i++) {
        wire.send("GET /down HTTP/1.1", "");
        RawHttpConnection.RawResponse response = wire.readResponse(true);
        assertThat(response.status()).isEqualTo(status);
        assertThat(response.header("transfer-encoding")).isEmpty();
      }
    }
  }

  @Test
  void failedStreamAbortsTheConnection() throws Exception {
    Parts parts = new Parts(List.of("ab"), true);
    try (RouteServer server = RouteServer.of(answering(200, OptionalLong.empty(), parts));
        RawHttpConnection wire = server.connect()) {
      wire.send("GET /down HTTP/1.1", "");
      assertThat(isComplete(wire)).isFalse();
    }
  }

  private static boolean isComplete(RawHttpConnection wire) {
    try {
      RawHttpConnection.RawResponse _ = wire.readResponse();
      return true;
    } catch (java.io.IOException e) {
      return false;
    }
  }
}
