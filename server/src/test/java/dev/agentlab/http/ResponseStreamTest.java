package dev.agentlab.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.agentlab.eventloop.LastPartSubscriber;
import dev.agentlab.security.Scope;
import dev.agentlab.testing.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ResponseStreamTest {
  private static final String LOGGER = "dev.agentlab.http.requests";
  private static final String GET = "GET /events HTTP/1.1";

  /// A source of parts that a test controls; records the requested demand.
  private static final class Source implements Flow.Publisher<byte[]>, Flow.Subscription {
    final CompletableFuture<Void> cancelled = new CompletableFuture<>();
    volatile Runnable onCancel = () -> {};
    final AtomicLong requested = new AtomicLong();
    final BlockingQueue<Long> requests = new LinkedBlockingQueue<>();
    final CompletableFuture<Flow.Subscriber<? super byte[]>> subscriber = new CompletableFuture<>();

    @Override
    public void subscribe(Flow.Subscriber<? super byte[]> to) {
      subscriber.complete(to);
      to.onSubscribe(this);
    }

    @Override
    public void request(long parts) {
      requested.addAndGet(parts);
      requests.add(parts);
    }

    @Override
    public void cancel() {
      onCancel.run();
      cancelled.complete(null);
    }

    Flow.Subscriber<? super byte[]> awaitSubscriber() throws Exception {
      return subscriber.get(10, TimeUnit.SECONDS);
    }

    void emit(String events) throws Exception {
      awaitSubscriber().onNext(events.getBytes(UTF_8));
    }

    void end(String events, Runnable written) throws Exception {
      ((LastPartSubscriber) awaitSubscriber()).onLast(events.getBytes(UTF_8), written);
    }
  }

  private final Source source = new Source();
  private final CompletableFuture<LogFields> fields = new CompletableFuture<>();
  private final Route route =
      Route.get("/events", "Events")
          .requires(Scope.PUBLIC)
          .returnsEvents(200, String.class)
          .handledBy(request -> {
            fields.complete(request.logFields());
            return Response.events(source, TestRoutes::lastEvent)
                .withHeader("Agent-Lab-Model", "m");
          });

  @Test
  void partsAreSentImmediately() throws Exception {
    try (RouteServer server = RouteServer.of(route);
        RawHttpConnection wire = server.connect()) {
      wire.send(GET, "");
      source.emit("data: 1\n\n");

      RawHttpConnection.RawResponse head = wire.readHead();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.header("content-type")).isEqualTo("text/event-stream");
      assertThat(head.header("cache-control")).isEqualTo("no-store");
      assertThat(head.header("x-accel-buffering")).isEqualTo("no");
      assertThat(head.header("agent-lab-model")).isEqualTo("m");
      assertThat(wire.readChunk()).isEqualTo("data: 1\n\n");
      source.emit("data: 2\n\ndata: [DONE]\n\n");
      source.awaitSubscriber().onComplete();
      assertThat(wire.readChunk()).isEqualTo("data: 2\n\ndata: [DONE]\n\n");
      assertThat(wire.readChunk()).isEmpty();
      wire.send("GET /nothing HTTP/1.1", "");
      assertThat(wire.readResponse().status()).isEqualTo(404);
    }
  }

  @Test
  void connectionOfAStreamServesOneMoreRequestAfterAnAnnouncedStop() throws Exception {
    try (RouteServer server = RouteServer.of(route);
        RawHttpConnection wire = server.connect()) {
      wire.send(GET, "");
      source.emit("data: 1\n\n");
      assertThat(wire.readHead().header("Connection")).isEmpty();
      assertThat(wire.readChunk()).isEqualTo("data: 1\n\n");
      server.announceStop();
      Thread stopping = Thread.ofVirtual().start(() -> stop(server));
      Await.until("the server does not accept connections", () -> !accepts(server));
      source.awaitSubscriber().onComplete();
      assertThat(wire.readChunk()).isEmpty();

      wire.send("GET /nothing HTTP/1.1", "");
      RawHttpConnection.RawResponse last = wire.readResponse();
      assertThat(last.status()).isEqualTo(404);
      assertThat(last.header("Connection")).isEqualTo("close");
      assertThat(wire.isClosed()).isTrue();
      assertThat(stopping.join(Duration.ofSeconds(10))).isTrue();
    }
  }

  @Test
  void quietConnectionOfAStreamIsClosedAfterAnAnnouncedStop() throws Exception {
    try (RouteServer server = RouteServer.of(route);
        RawHttpConnection wire = server.connect()) {
      wire.send(GET, "");
      source.emit("data: 1\n\n");
      assertThat(wire.readHead().status()).isEqualTo(200);
      assertThat(wire.readChunk()).isEqualTo("data: 1\n\n");
      server.announceStop();
      Thread stopping = Thread.ofVirtual().start(() -> stop(server));
      source.awaitSubscriber().onComplete();
      assertThat(wire.readChunk()).isEmpty();

      assertThat(wire.isClosed()).isTrue();
      assertThat(stopping.join(Duration.ofSeconds(10))).isTrue();
    }
  }

  private static void stop(RouteServer server) {
    try {
      server.stop(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean accepts(RouteServer server) {
    try (RawHttpConnection _ = server.connect()) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  @Test
  void partsFromAnotherThreadKeepTheirOrder() throws Exception {
    Flow.Publisher<byte[]> source =
        to ->
            to.onSubscribe(
                new Flow.Subscription() {
                  private boolean sent;

                  @Override
                  public void request(long parts) {
                    if (sent) {
                      return;
                    }
                    sent = true;
                    // Published by another thread while this one occupies the event loop.
                    CompletableFuture.runAsync(
                            () -> {
                              to.onNext("data: 1\n\n".getBytes(UTF_8));
                              to.onNext("data: 2\n\n".getBytes(UTF_8));
                              to.onComplete();
                            })
                        .join();
                  }

                  @Override
                  public void cancel() {}
                });
    Route route =
        Route.get("/events", "Events")
            .requires(Scope.PUBLIC)
            .returnsEvents(200, String.class)
            .handledBy(_ -> Response.events(source, TestRoutes::lastEvent));
    try (RouteServer server = RouteServer.of(route);
        RawHttpConnection wire = server.connect()) {
      wire.send(GET, "");
      wire.readHead();
      assertThat(wire.readChunk()).isEqualTo("data: 1\n\n");
      assertThat(wire.readChunk()).isEqualTo("data: 2\n\n");
      assertThat(wire.readChunk()).isEmpty();
    }
  }

  @Test
  void disconnectCancelsTheSource() throws Exception {
    try (RouteServer server = RouteServer.of(route);
        LogCapture log = LogCapture.of(LOGGER, Level.INFO)) {
      try (RawHttpConnection wire = server.connect()) {
        wire.send(GET, "");
        source.emit("data: 1\n\n");
        wire.readHead();
      }
      source.cancelled.get(10, TimeUnit.SECONDS);
      server.stop(Duration.ofSeconds(5));
      assertThat(log.lines())
          .anyMatch(line -> String.valueOf(line.getKeyValuePairs()).contains("499"));
    }
  }

  @Test
  void failedStreamIsLoggedWithTheProblemStatus() throws Exception {
    try (RouteServer server = RouteServer.of(route);
        LogCapture log = LogCapture.of(LOGGER, Level.INFO);
        RawHttpConnection wire = server.connect()) {
      wire.send(GET, "");
      source.emit("data: 1\n\n");
      assertThat(wire.readHead().status()).isEqualTo(200);
      fields.join().put("outcome", "broken");
      fields.join().recordStreamFailure(ProblemType.UPSTREAM_FAILED);
      source.awaitSubscriber().onComplete();

      assertThat(logLine(log)).contains("status=\"502\"", "outcome=\"broken\"");
      assertThat(server.meters().get("http.server.requests").tag("status", "502").timer().count())
          .isEqualTo(1);
    }
  }

  @Test
  void cancelledSourceAddsLogFields() throws Exception {
    source.onCancel = () -> fields.join().put("outcome", "cancelled");
    try (RouteServer server = RouteServer.of(route);
        LogCapture log = LogCapture.of(LOGGER, Level.INFO)) {
      try (RawHttpConnection wire = server.connect()) {
        wire.send(GET, "");
        source.emit("data: 1\n\n");
        wire.readHead();
      }

      assertThat(logLine(log)).contains("status=\"499\"", "outcome=\"cancelled\"");
    }
  }

  @Test
  void disconnectAfterTheLastEventIsLoggedAsSuccess() throws Exception {
    source.onCancel = () -> fields.join().put("outcome", "cancelled");
    try (RouteServer server = RouteServer.of(route);
        LogCapture log = LogCapture.of(LOGGER, Level.INFO)) {
      try (RawHttpConnection wire = server.connect()) {
        wire.send(GET, "");
        source.emit("data: 1\n\n");
        source.end("data: [DONE]\n\n", () -> fields.join().put("outcome", "success"));
        wire.readHead();
        assertThat(wire.readChunk()).isEqualTo("data: 1\n\n");
        assertThat(wire.readChunk()).isEqualTo("data: [DONE]\n\n");
      }

      assertThat(logLine(log)).contains("status=\"200\"", "outcome=\"success\"");
      assertThat(source.cancelled).isNotDone();
    }
  }

  @Test
  void disconnectAfterTheErrorEventIsLoggedWithItsStatus() throws Exception {
    try (RouteServer server = RouteServer.of(route);
        LogCapture log = LogCapture.of(LOGGER, Level.INFO)) {
      try (RawHttpConnection wire = server.connect()) {
        wire.send(GET, "");
        source.end(
            "event: error\n\n",
            () -> {
              fields.join().put("outcome", "broken");
              fields.join().recordStreamFailure(ProblemType.UPSTREAM_FAILED);
            });
        wire.readHead();
        assertThat(wire.readChunk()).isEqualTo("event: error\n\n");
      }

      assertThat(logLine(log)).contains("status=\"502\"", "outcome=\"broken\"");
    }
  }

  @Test
  void disconnectBeforeTheLastEventCancelsTheSource() throws Exception {
    source.onCancel = () -> fields.join().put("outcome", "cancelled");
    // More than the socket buffers of both sides hold.
    String large = "data: " + "x".repeat(32 << 20) + "\n\n";
    try (RouteServer server = RouteServer.of(route);
        LogCapture log = LogCapture.of(LOGGER, Level.INFO)) {
      try (RawHttpConnection wire = server.connect()) {
        wire.send(GET, "");
        source.end(large, () -> fields.join().put("outcome", "success"));
        wire.readHead();
      }

      assertThat(logLine(log)).contains("status=\"499\"", "outcome=\"cancelled\"");
    }
  }

  @Test
  void disconnectBeforeStreamCancelsTheSource() throws Exception {
    source.onCancel = () -> fields.join().put("outcome", "cancelled");
    CountDownLatch left = new CountDownLatch(1);
    Route late =
        Route.get("/events", "Events")
            .requires(Scope.PUBLIC)
            .returnsEvents(200, String.class)
            .handledBy(request -> {
              request.onCancel(left::countDown);
              fields.complete(request.logFields());
              Await.open(left);
              return Response.events(source, TestRoutes::lastEvent);
            });
    try (RouteServer server = RouteServer.of(late);
        LogCapture log = LogCapture.of(LOGGER, Level.INFO)) {
      try (RawHttpConnection wire = server.connect()) {
        wire.send(GET, "");
        fields.join();
      }

      assertThat(logLine(log)).contains("status=\"499\"", "outcome=\"cancelled\"");
      assertThat(source.requested).hasValue(0);
    }
  }

  /// The log line of the request; waits until it is written.
  private static String logLine(LogCapture log) {
    Await.value(1, () -> log.lines().size());
    return String.valueOf(log.lines().getFirst().getKeyValuePairs());
  }

  @Test
  void stalledReaderStopsTheSource() throws Exception {
    byte[] large = ("data: " + "x".repeat(64 * 1024) + "\n\n").getBytes(UTF_8);
    try (RouteServer server = RouteServer.of(route);
        RawHttpConnection wire = server.connect()) {
      wire.send(GET, "");
      Flow.Subscriber<? super byte[]> out = source.awaitSubscriber();
      long sent = 0;
      @Nullable Long more = source.requests.poll(10, TimeUnit.SECONDS);
      while (more != null) {
        for (long i = 0; i < more; i++) {
          out.onNext(large);
          sent++;
        }
        more = source.requests.poll(1, TimeUnit.SECONDS);
      }
      // At most what the socket buffers of both sides hold.
      assertThat(sent).isLessThan(1_000);
      wire.readHead();
      wire.readChunk();
      for (int i = 1; i < sent; i++) {
        wire.readChunk();
      }
      assertThat(source.requests.poll(10, TimeUnit.SECONDS)).isNotNull();
    }
  }

  @Test
  void eachWrittenPartRequestsAnother() throws Exception {
    try (RouteServer server = RouteServer.of(route);
        RawHttpConnection wire = server.connect()) {
      wire.send(GET, "");
      assertThat(source.requests.poll(10, TimeUnit.SECONDS)).isEqualTo(2);
      for (int i = 0; i < 3; i++) {
        source.emit("data: 1\n\n");
        assertThat(source.requests.poll(10, TimeUnit.SECONDS)).isEqualTo(1);
      }
    }
  }

  @Test
  void idleStreamSendsKeepAliveComments() throws Exception {
    assertKeptAlive(route, ": keep-alive\n\n");
  }

  @Test
  void idleStreamSendsTheEventOfItsApi() throws Exception {
    String ping = "event: ping\ndata: {}\n\n";
    assertKeptAlive(
        Route.get("/events", "Events")
            .requires(Scope.PUBLIC)
            .returnsEvents(200, String.class)
            .handledBy(_ -> Response.events(source, TestRoutes::lastEvent, ping)),
        ping);
  }

  private static void assertKeptAlive(Route idle, String event) throws Exception {
    HttpSettings defaults = RouteServer.settings();
    HttpSettings settings =
        new HttpSettings(
            defaults.host(),
            defaults.port(),
            defaults.allowedHosts(),
            defaults.trustedProxies(),
            defaults.readTimeout(),
            defaults.writeTimeout(),
            defaults.idleTimeout(),
            Duration.ofMillis(50),
            defaults.maxBodySize(),
            defaults.maxInFlight(),
            defaults.tls(),
            defaults.cors(),
            defaults.publicOrigin());
    try (RouteServer server = RouteServer.of(settings, idle);
        RawHttpConnection wire = server.connect()) {
      wire.send(GET, "");
      wire.readHead();
      assertThat(wire.readChunk()).isEqualTo(event);
      assertThat(wire.readChunk()).isEqualTo(event);
    }
  }

  @Test
  void failedSourceClosesTheConnection() throws Exception {
    try (RouteServer server = RouteServer.of(route);
        RawHttpConnection wire = server.connect()) {
      wire.send(GET, "");
      source.emit("data: 1\n\n");
      wire.readHead();
      wire.readChunk();
      source.awaitSubscriber().onError(new IOException("broken on purpose"));
      assertThat(wire.isClosed()).isTrue();
    }
  }

  @Test
  void streamIsInFlightUntilItsEnd() throws Exception {
    try (RouteServer server = RouteServer.of(route);
        RawHttpConnection wire = server.connect()) {
      wire.send(GET, "");
      source.emit("data: 1\n\n");
      wire.readHead();
      wire.readChunk();
      CompletableFuture<Void> stopped =
          CompletableFuture.runAsync(() -> {
            try {
              server.stop(Duration.ofSeconds(10));
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          });
      source.emit("data: 2\n\n");
      assertThat(wire.readChunk()).isEqualTo("data: 2\n\n");
      assertThat(stopped).isNotDone();
      source.awaitSubscriber().onComplete();
      assertThat(wire.readChunk()).isEmpty();
      stopped.get(10, TimeUnit.SECONDS);
    }
  }
}
