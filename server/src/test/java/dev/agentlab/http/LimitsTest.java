package dev.agentlab.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.memory.JsonFootprint;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.security.Scope;
import dev.agentlab.testing.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class LimitsTest {
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final int LARGE = 16 * 1024 * 1024;

  private static final Route HELLO =
      Route.get("/hello", "Hello")
          .requires(Scope.PUBLIC)
          .returnsText(200, "text/plain")
          .handledBy(_ -> Response.text(200, "text/plain", "hello"));

  private static final String POST = "POST /write HTTP/1.1\r\nContent-Type: application/json";
  private static final String FORM =
      "POST /form HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b";

  private static final Route WRITE =
      Route.post("/write", "Write")
          .requires(Scope.PUBLIC)
          .accepts(JsonNode.class)
          .returnsEmpty(204)
          .handledBy(_ -> Response.noContent());

  private static final Route LARGE_RESPONSE =
      Route.get("/much", "Much")
          .requires(Scope.PUBLIC)
          .returnsText(200, "text/plain")
          .handledBy(_ -> Response.text(200, "text/plain", "a".repeat(LARGE)));

  @Test
  void slowHeadTimesOutDespiteProgress() throws Exception {
    try (RouteServer server = RouteServer.of(limits(SHORT, LONG, LONG, 1000), HELLO);
        RawHttpConnection wire = server.connect()) {
      wire.sendRaw("GET /hello HTTP/1.1\r\nHost: a\r\nX-Slow: ");

      assertThat(isClosedWhileSending(wire, "a")).isTrue();
    }
  }

  @Test
  void silentConnectionTimesOut() throws Exception {
    try (RouteServer server = RouteServer.of(limits(SHORT, LONG, LONG, 1000), HELLO);
        RawHttpConnection wire = server.connect()) {
      assertThat(wire.isClosed()).isTrue();
    }
  }

  @Test
  void manySlowHeadsDoNotBlockOtherRequests() throws Exception {
    try (RouteServer server = RouteServer.of(limits(SHORT, LONG, LONG, 1000), HELLO)) {
      List<RawHttpConnection> slow = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        slow.add(server.connect().sendRaw("GET /hello HTTP/1.1\r\n"));
      }

      assertThat(server.send("GET /hello HTTP/1.1").status()).isEqualTo(200);
      for (RawHttpConnection wire : slow) {
        assertThat(wire.isClosed()).isTrue();
        wire.close();
      }
    }
  }

  @Test
  void idleConnectionTimesOut() throws Exception {
    try (RouteServer server = RouteServer.of(limits(LONG, LONG, SHORT, 1000), HELLO);
        RawHttpConnection wire = server.connect()) {
      assertThat(wire.send("GET /hello HTTP/1.1", "").readResponse().status()).isEqualTo(200);

      assertThat(wire.isClosed()).isTrue();
    }
  }

  @Test
  void handlerMayExceedConnectionTimeouts() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    Route slow =
        Route.get("/slow", "Slow")
            .requires(Scope.PUBLIC)
            .returnsEmpty(204)
            .handledBy(_ -> {
              Await.open(done);
              return Response.noContent();
            });
    try (RouteServer server = RouteServer.of(limits(SHORT, SHORT, SHORT, 1000), slow, HELLO);
        RawHttpConnection waiting = server.connect();
        RawHttpConnection idle = server.connect()) {
      waiting.send("GET /slow HTTP/1.1", "");
      assertThat(idle.isClosed()).isTrue();
      done.countDown();

      assertThat(waiting.readResponse().status()).isEqualTo(204);
    }
  }

  @Test
  void headersAboveTheLimitAreRejected() throws Exception {
    try (RouteServer server = RouteServer.of(HELLO);
        RawHttpConnection wire = server.connect()) {
      wire.sendRaw("GET /hello HTTP/1.1\r\nHost: a\r\nX-Long: " + "a".repeat(17_000) + "\r\n\r\n");

      assertIsProblem(wire.readResponse(), 431);
      assertThat(wire.isClosed()).isTrue();
    }
  }

  @Test
  void uriAboveTheLimitIsRejected() throws Exception {
    try (RouteServer server = RouteServer.of(HELLO);
        RawHttpConnection wire = server.connect()) {
      wire.sendRaw("GET /" + "a".repeat(9000) + " HTTP/1.1\r\nHost: a\r\n\r\n");

      assertIsProblem(wire.readResponse(), 414);
    }
  }

  @Test
  void malformedRequestIsRejected() throws Exception {
    List<String> broken =
        List.of(
            "hello\r\n\r\n",
            "GET /hello HTTP/1.1\r\n\r\n",
            "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET /hello HTTP/9.9\r\nHost: a\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "GET /h\u00e4llo HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n");
    try (RouteServer server = RouteServer.of(HELLO)) {
      for (String request : broken) {
        try (RawHttpConnection wire = server.connect()) {
          wire.sendRaw(request);

          RawHttpConnection.RawResponse response = wire.readResponse();
          assertThat(response.status()).as(request).isEqualTo(400);
          assertIsProblem(response, 400);
          assertThat(wire.isClosed()).as(request).isTrue();
        }
      }
    }
  }

  @Test
  void requestsAboveTheLimitAreRejectedExceptProbes() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    CountDownLatch running = new CountDownLatch(2);
    Route slow =
        Route.get("/slow", "Slow")
            .requires(Scope.PUBLIC)
            .returnsEmpty(204)
            .handledBy(_ -> {
              running.countDown();
              Await.open(done);
              return Response.noContent();
            });
    Route probe =
        Route.get("/healthz", "Health")
            .requires(Scope.PUBLIC)
            .probe()
            .returnsEmpty(204)
            .handledBy(_ -> Response.noContent());
    try (RouteServer server = RouteServer.of(limits(LONG, LONG, LONG, 2), slow, probe);
        RawHttpConnection one = server.connect();
        RawHttpConnection two = server.connect()) {
      one.send("GET /slow HTTP/1.1", "");
      two.send("GET /slow HTTP/1.1", "");
      Await.open(running);

      RawHttpConnection.RawResponse refused = server.send("GET /slow HTTP/1.1");
      assertIsProblem(refused, 503);
      assertThat(refused.header("Retry-After")).isEqualTo("1");
      assertThat(server.send("GET /healthz HTTP/1.1").status()).isEqualTo(204);
      // A response may arrive before its request stops counting as in flight.
      Await.value(2.0, () -> inFlight(server));

      done.countDown();
      assertThat(one.readResponse().status()).isEqualTo(204);
      assertThat(two.readResponse().status()).isEqualTo(204);
      assertThat(server.send("GET /slow HTTP/1.1").status()).isEqualTo(204);
    }
  }

  @Test
  void bodyAboveTheMemoryBudgetIsRejectedUntilReleased() throws Exception {
    String body = '"' + "x".repeat(40 * 1024) + '"';
    MemoryBudget memory = new MemoryBudget(JsonFootprint.of(body.getBytes(UTF_8)) + 1_000);
    try (RouteServer server = RouteServer.of(limits(LONG, LONG, LONG, 10), memory, WRITE)) {
      try (RawHttpConnection slow = server.connect()) {
        slow.sendRaw(POST + "\r\nHost: localhost\r\nContent-Length: " + body.length() + "\r\n\r\n")
            .sendRaw(body.substring(1));
        Await.value(body.length() - 1L, memory::reserved);
        try (RawHttpConnection other = server.connect()) {
          RawHttpConnection.RawResponse refused = other.send(POST, body).readResponse();
          assertIsProblem(refused, 503);
          assertThat(refused.header("Retry-After")).isEqualTo("1");
        }
      }
      Await.value(0L, memory::reserved);
      assertThat(server.send(POST, body).status()).isEqualTo(204);
      Await.value(0L, memory::reserved);
    }
  }

  @Test
  void jsonTreeCountsTowardsTheMemoryBudget() throws Exception {
    String values = "[" + "{},".repeat(1000) + "1]";
    String text = '"' + "{},".repeat(1000) + '"';
    MemoryBudget memory = new MemoryBudget(100_000);
    try (RouteServer server = RouteServer.of(limits(LONG, LONG, LONG, 10), memory, WRITE)) {
      assertIsProblem(server.send(POST, values), 413);
      assertThat(server.send(POST, text).status()).isEqualTo(204);
      Await.value(0L, memory::reserved);
    }
  }

  @Test
  void jsonInFormCountsTowardsTheMemoryBudget() throws Exception {
    Route form =
        Route.post("/form", "Form")
            .requires(Scope.PUBLIC)
            .acceptsForm("OptionsForm", 60_000, Form.Field.json("options", "Options."))
            .returnsEmpty(204)
            .handledBy(request -> {
              var _ = request.body().json("options");
              return Response.noContent();
            });
    MemoryBudget memory = new MemoryBudget(300_000);
    try (RouteServer server = RouteServer.of(limits(LONG, LONG, LONG, 10), memory, form)) {
      assertIsProblem(server.send(FORM, options("{\"a\":[" + "{},".repeat(2_000) + "1]}")), 413);
      assertThat(server.send(FORM, options("{\"a\":\"" + "{},".repeat(2_000) + "\"}")).status())
          .isEqualTo(204);
      assertThat(server.send(FORM, options("[]")).text())
          .contains("options: must be a JSON object");
      Await.value(0L, memory::reserved);
    }
  }

  @Test
  void memoryOfAHandlerCountsUntilItsResponseIsReady() throws Exception {
    MemoryBudget memory = new MemoryBudget(100_000);
    AtomicLong reserved = new AtomicLong();
    Param<Long> bytes = Param.queryInteger("bytes", "The memory to reserve.");
    Route load =
        Route.get("/load", "Load")
            .requires(Scope.PUBLIC)
            .parameters(bytes)
            .returnsEmpty(204)
            .handledBy(request -> {
              request.reserveMemory(request.optional(bytes).orElseThrow());
              reserved.set(memory.reserved());
              return Response.noContent();
            });
    try (RouteServer server = RouteServer.of(limits(LONG, LONG, LONG, 10), memory, load)) {
      assertThat(server.send("GET /load?bytes=90000 HTTP/1.1").status()).isEqualTo(204);
      assertThat(reserved.get()).isEqualTo(90_000);
      Await.value(0L, memory::reserved);
      assertIsProblem(server.send("GET /load?bytes=100001 HTTP/1.1"), 413);
    }
  }

  private static String options(String json) {
    return "--b\r\nContent-Disposition: form-data; name=\"options\"\r\n\r\n"
        + json
        + "\r\n--b--\r\n";
  }

  @Test
  void streamingResponseReleasesTheMemoryOfItsRequest() throws Exception {
    SubmissionPublisher<byte[]> events = new SubmissionPublisher<>();
    Route stream =
        Route.post("/stream", "Stream")
            .requires(Scope.PUBLIC)
            .accepts(String.class)
            .returnsEvents(200, String.class)
            .handledBy(_ -> Response.events(events, TestRoutes::lastEvent));
    MemoryBudget memory = new MemoryBudget(1 << 20);
    try (RouteServer server = RouteServer.of(limits(LONG, LONG, LONG, 10), memory, stream);
        RawHttpConnection wire = server.connect()) {
      wire.send(
          "POST /stream HTTP/1.1\r\nContent-Type: application/json",
          '"' + "x".repeat(40_000) + '"');
      Await.until("the stream is subscribed to", events::hasSubscribers);
      Await.value(0L, memory::reserved);
      events.close();
    }
  }

  @Test
  void unreadResponseCountsTowardsTheMemoryBudget() throws Exception {
    MemoryBudget memory = new MemoryBudget(LARGE - (1 << 20));
    try (RouteServer server =
        RouteServer.of(limits(LONG, LONG, LONG, 10), memory, LARGE_RESPONSE, HELLO)) {
      try (RawHttpConnection slow = server.connect()) {
        slow.send("GET /much HTTP/1.1", "");
        Await.value((long) LARGE, memory::reserved);

        RawHttpConnection.RawResponse refused = server.send("GET /hello HTTP/1.1");
        assertIsProblem(refused, 503);
        assertThat(refused.header("Retry-After")).isEqualTo("1");
      }
      Await.value(0L, memory::reserved);
      assertThat(server.send("GET /hello HTTP/1.1").text()).isEqualTo("hello");
      assertThat(server.send("GET /much HTTP/1.1").text()).hasSize(LARGE);
      Await.value(0L, memory::reserved);
    }
  }

  @Test
  void stalledReaderTimesOut() throws Exception {
    try (RouteServer server =
            RouteServer.of(limits(LONG, SHORT, LONG, 1000), LARGE_RESPONSE, HELLO);
        RawHttpConnection wire = server.connect()) {
      wire.send("GET /much HTTP/1.1", "");

      assertThat(isClosedWhileSending(wire, "\r\n")).isTrue();
    }
  }

  @Test
  void slowReaderWithProgressDoesNotTimeOut() throws Exception {
    // Long enough for a scheduling delay between two reads.
    Duration limit = Duration.ofSeconds(2);
    try (RouteServer server = RouteServer.of(limits(LONG, limit, limit, 1000), LARGE_RESPONSE);
        RawHttpConnection wire = server.connect()) {
      wire.send("GET /much HTTP/1.1", "");
      // Reads regularly for longer than the timeout.
      byte[] part = new byte[LARGE / 64];
      int read = 0;
      long end = System.nanoTime() + limit.multipliedBy(2).toNanos();
      while (System.nanoTime() < end) {
        read += wire.socket().getInputStream().readNBytes(part, 0, part.length / 4);
        Thread.sleep(10); // the pace of the slow reader
      }
      read += wire.socket().getInputStream().readAllBytes().length;

      assertThat(read).isGreaterThan(LARGE);
    }
  }

  /// Whether the server closes the connection of a client that keeps sending and reads nothing.
  private static boolean isClosedWhileSending(RawHttpConnection wire, String text)
      throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (System.nanoTime() < deadline) {
      try {
        wire.sendRaw(text);
        Thread.sleep(20);
      } catch (IOException e) {
        return true;
      }
    }
    return false;
  }

  private static void assertIsProblem(RawHttpConnection.RawResponse response, int status) {
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(response.header("X-Request-Id")).isNotEmpty();
    assertThat(response.json().get("status").asInt()).isEqualTo(status);
  }

  private static double inFlight(RouteServer server) {
    return server.meters().get("http.server.in.flight").gauge().value();
  }

  private static HttpSettings limits(Duration read, Duration write, Duration idle, int inFlight) {
    return new HttpSettings(
        "127.0.0.1",
        0,
        List.of("*"),
        List.of(),
        read,
        write,
        idle,
        idle,
        64 * 1024,
        inFlight,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
