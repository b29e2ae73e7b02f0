package dev.agentlab.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.agentlab.security.Scope;
import dev.agentlab.testing.Await;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RequestCancellationTest {
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final CountDownLatch running = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);

  private final Route slow =
      Route.get("/slow", "Slow")
          .requires(Scope.PUBLIC)
          .returnsEmpty(204)
          .handledBy(request -> {
            request.onCancel(() -> events.add("left"));
            running.countDown();
            Await.open(release);
            request.onCancel(() -> events.add("late"));
            events.add("interrupted: " + Thread.currentThread().isInterrupted());
            return Response.noContent();
          });
  private final Route quick =
      Route.get("/quick", "Quick")
          .requires(Scope.PUBLIC)
          .returnsEmpty(204)
          .handledBy(request -> {
            request.onCancel(() -> events.add("left"));
            return Response.noContent();
          });

  @Test
  void disconnectRunsActionWhileHandlerRuns() throws Exception {
    try (RouteServer server = RouteServer.of(slow);
        LogCapture logs = LogCapture.of("dev.agentlab.http.requests", Level.INFO)) {
      try (RawHttpConnection wire = server.connect()) {
        wire.send("GET /slow HTTP/1.1", "");
        Await.open(running);
      }
      assertThat(events.poll(5, TimeUnit.SECONDS)).isEqualTo("left");

      release.countDown();
      assertThat(events.poll(5, TimeUnit.SECONDS)).isIn("late", "interrupted: false");
      assertThat(events.poll(5, TimeUnit.SECONDS)).isIn("late", "interrupted: false");
      server.stop(Duration.ofSeconds(5));
      assertThat(logs.lines().getFirst().getKeyValuePairs().toString()).contains("status=\"499\"");
    }
  }

  @Test
  void disconnectAfterResponseRunsNoAction() throws Exception {
    try (RouteServer server = RouteServer.of(quick)) {
      try (RawHttpConnection wire = server.connect()) {
        wire.send("GET /quick HTTP/1.1", "").readResponse();
      }
      server.stop(Duration.ofSeconds(5));

      assertThat(events).isEmpty();
    }
  }

  @Test
  void disconnectDuringBodyEndsTheRequest() throws Exception {
    Route takes =
        Route.post("/takes", "Takes")
            .requires(Scope.PUBLIC)
            .accepts(Object.class)
            .returnsEmpty(204)
            .handledBy(_ -> Response.noContent());
    try (RouteServer server = RouteServer.of(takes)) {
      try (RawHttpConnection wire = server.connect()) {
        wire.sendRaw("POST /takes HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n");
        wire.sendRaw("Content-Length: 7\r\n\r\n{\"a\":");
        awaitInFlight(server, 1);
      }
      awaitInFlight(server, 0);
    }
  }

  private static void awaitInFlight(RouteServer server, double count) {
    Await.value(count, () -> server.meters().get("http.server.in.flight").gauge().value());
  }
}
