package dev.agentlab.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.security.Scope;
import dev.agentlab.testing.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class StopTest {
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final int LARGE = 32 * 1024 * 1024;

  private final CountDownLatch running = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);

  private final Route slow =
      Route.get("/slow", "Slow")
          .requires(Scope.PUBLIC)
          .returnsText(200, "text/plain")
          .handledBy(_ -> {
            running.countDown();
            Await.open(release);
            return Response.text(200, "text/plain", "done");
          });
  private final Route quick =
      Route.get("/quick", "Quick")
          .requires(Scope.PUBLIC)
          .returnsText(200, "text/plain")
          .handledBy(_ -> Response.text(200, "text/plain", "quick"));
  private final Route large =
      Route.get("/much", "Much")
          .requires(Scope.PUBLIC)
          .returnsText(200, "text/plain")
          .handledBy(_ -> Response.text(200, "text/plain", "a".repeat(LARGE)));
  private final Route takes =
      Route.post("/takes", "Takes")
          .requires(Scope.PUBLIC)
          .accepts(JsonNode.class)
          .returns(200, JsonNode.class)
          .handledBy(request -> Response.ok(request.body()));

  @Test
  void stopCompletesRequestInFlightAndCloses() throws Exception {
    try (RouteServer server = RouteServer.of(slow);
        RawHttpConnection wire = server.connect()) {
      int port = server.port();
      wire.send("GET /slow HTTP/1.1", "");
      Await.open(running);
      CompletableFuture<Void> stopped = stop(server, LONG);
      awaitConnectionsRejected(port);
      release.countDown();

      RawHttpConnection.RawResponse response = wire.readResponse();
      assertThat(response.text()).isEqualTo("done");
      assertThat(response.header("Connection")).isEqualTo("close");
      assertThat(wire.isClosed()).isTrue();
      stopped.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void stopRejectsNewConnectionsAndServesOpenOnes() throws Exception {
    try (RouteServer server = RouteServer.of(slow, quick);
        RawHttpConnection waiting = server.connect();
        RawHttpConnection open = server.connect()) {
      int port = server.port();
      assertThat(open.send("GET /quick HTTP/1.1", "").readResponse().header("Connection"))
          .isEmpty();
      waiting.send("GET /slow HTTP/1.1", "");
      Await.open(running);
      CompletableFuture<Void> stopped = stop(server, LONG);
      awaitConnectionsRejected(port);

      RawHttpConnection.RawResponse response = open.send("GET /quick HTTP/1.1", "").readResponse();
      assertThat(response.text()).isEqualTo("quick");
      assertThat(response.header("Connection")).isEqualTo("close");
      assertThat(open.isClosed()).isTrue();
      assertThat(stopped).isNotDone();
      release.countDown();
      assertThat(waiting.readResponse().text()).isEqualTo("done");
      stopped.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void newConnectionsAreServedAfterTheAnnouncementOfTheStop() throws Exception {
    try (RouteServer server = RouteServer.of(slow, quick);
        RawHttpConnection open = server.connect()) {
      server.announceStop();

      assertThat(open.send("GET /quick HTTP/1.1", "").readResponse().header("Connection"))
          .isEqualTo("close");
      assertThat(open.isClosed()).isTrue();
      try (RawHttpConnection later = server.connect()) {
        later.send("GET /slow HTTP/1.1", "");
        Await.open(running);
        CompletableFuture<Void> stopped = stop(server, LONG);
        awaitConnectionsRejected(server.port());
        assertThat(stopped).isNotDone();
        release.countDown();
        assertThat(later.readResponse().text()).isEqualTo("done");
        stopped.get(10, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void stopCompletesPartiallyReceivedRequest() throws Exception {
    try (RouteServer server = RouteServer.of(takes);
        RawHttpConnection wire = server.connect()) {
      wire.sendRaw("POST /takes HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n");
      wire.sendRaw("Content-Length: 7\r\n\r\n{\"a\":");
      awaitInFlight(server, 1);
      CompletableFuture<Void> stopped = stop(server, LONG);
      wire.sendRaw("1}");

      assertThat(wire.readResponse().text()).isEqualTo("{\"a\":1}");
      stopped.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void stopSendsLargeResponseCompletely() throws Exception {
    try (RouteServer server = RouteServer.of(large);
        RawHttpConnection wire = server.connect()) {
      wire.send("GET /much HTTP/1.1", "");
      awaitInFlight(server, 1);
      CompletableFuture<Void> stopped = stop(server, LONG);

      assertThat(wire.readResponse().text()).hasSize(LARGE);
      stopped.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void largeResponseDuringStopIsSentCompletely() throws Exception {
    Route slowAndMuch =
        Route.get("/slow-and-much", "Slow and much")
            .requires(Scope.PUBLIC)
            .returnsText(200, "text/plain")
            .handledBy(_ -> {
              running.countDown();
              Await.open(release);
              return Response.text(200, "text/plain", "a".repeat(LARGE));
            });
    try (RouteServer server = RouteServer.of(slowAndMuch);
        RawHttpConnection wire = server.connect()) {
      int port = server.port();
      wire.send("GET /slow-and-much HTTP/1.1", "");
      Await.open(running);
      CompletableFuture<Void> stopped = stop(server, LONG);
      awaitConnectionsRejected(port);
      release.countDown();

      assertThat(wire.readResponse().text()).hasSize(LARGE);
      stopped.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void idleConnectionsDoNotDelayStop() throws Exception {
    try (RouteServer server = RouteServer.of(quick)) {
      List<RawHttpConnection> idle = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        RawHttpConnection wire = server.connect();
        wire.send("GET /quick HTTP/1.1", "").readResponse();
        idle.add(wire);
      }
      idle.add(server.connect());

      stop(server, LONG).get(5, TimeUnit.SECONDS);
      for (RawHttpConnection wire : idle) {
        assertThat(wire.isClosed()).isTrue();
        wire.close();
      }
    }
  }

  @Test
  void everyHandledRequestGetsAResponse() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    AtomicInteger answered = new AtomicInteger();
    Route counted =
        Route.get("/counted", "Counted")
            .requires(Scope.PUBLIC)
            .returnsEmpty(204)
            .handledBy(_ -> {
              handled.incrementAndGet();
              return Response.noContent();
            });
    try (RouteServer server = RouteServer.of(counted)) {
      List<Thread> callers = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        RawHttpConnection wire = server.connect();
        callers.add(Thread.ofVirtual().start(() -> sendUntilClosed(wire, answered)));
      }
      Await.until("many requests are answered", answered::get, it -> it > 100);

      stop(server, LONG).get(10, TimeUnit.SECONDS);
      for (Thread caller : callers) {
        caller.join();
      }
      assertThat(answered).hasValue(handled.get());
    }
  }

  private static void sendUntilClosed(RawHttpConnection wire, AtomicInteger answered) {
    try (wire) {
      while (true) {
        wire.send("GET /counted HTTP/1.1", "").readResponse();
        answered.incrementAndGet();
      }
    } catch (IOException e) {
      // The server has stopped.
    }
  }

  @Test
  void stopTimeoutAbortsRemainingConnections() throws Exception {
    try (RouteServer server = RouteServer.of(slow, large);
        LogCapture logs = LogCapture.of(HttpServer.class);
        RawHttpConnection wire = server.connect();
        RawHttpConnection unread = server.connect()) {
      unread.send("GET /much HTTP/1.1", "");
      awaitInFlight(server, 1);
      wire.send("GET /slow HTTP/1.1", "");
      Await.open(running);

      stop(server, Duration.ofMillis(200)).get(5, TimeUnit.SECONDS);

      assertThat(wire.isClosed()).isTrue();
      assertThat(logs.lines().getFirst().getFormattedMessage()).endsWith("requests_in_flight=2");
      release.countDown();
    }
  }

  private static CompletableFuture<Void> stop(RouteServer server, Duration timeout) {
    CompletableFuture<Void> stopped = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            server.stop(timeout);
            stopped.complete(null);
          } catch (InterruptedException | RuntimeException e) {
            stopped.completeExceptionally(e);
          }
        });
    return stopped;
  }

  private static void awaitConnectionsRejected(int port) {
    Await.until(
        "connections are refused",
        () -> {
          try (RawHttpConnection _ = new RawHttpConnection(port)) {
            return false;
          } catch (IOException e) {
            return true;
          }
        });
  }

  private static void awaitInFlight(RouteServer server, double count) {
    Await.value(count, () -> server.meters().get("http.server.in.flight").gauge().value());
  }
}
