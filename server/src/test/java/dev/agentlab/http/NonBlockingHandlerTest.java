package dev.agentlab.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.security.Scope;
import dev.agentlab.testing.Await;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NonBlockingHandlerTest {
  private static final String HEAD = "POST /run HTTP/1.1\r\nContent-Type: application/json";

  /// Whether each call of the handler ran on the event loop of its request.
  private final BlockingQueue<Boolean> onLoop = new LinkedBlockingQueue<>();

  private final CompletableFuture<Response> result = new CompletableFuture<>();

  @Test
  void smallRequestIsHandledOnTheEventLoop() throws Exception {
    result.complete(Response.ok(Map.of("a", 1)));
    try (RouteServer server = RouteServer.of(route(_ -> result))) {
      assertThat(server.send(HEAD, "{\"a\": 1}").text()).isEqualTo("{\"a\":1}");
      assertThat(onLoop.take()).isTrue();
    }
  }

  @Test
  void largeRequestIsHandledOnAnotherThread() throws Exception {
    result.complete(Response.ok(Map.of("a", 1)));
    try (RouteServer server = RouteServer.of(route(_ -> result))) {
      String large = "{\"a\": \"%s\"}".formatted("x".repeat(100_000));
      assertThat(server.send(HEAD, large).status()).isEqualTo(200);
      assertThat(onLoop.take()).isFalse();
    }
  }

  @Test
  void eventLoopIsFreeWhileTheResultIsPending() throws Exception {
    CountDownLatch handled = new CountDownLatch(8);
    Route waiting =
        route(_ -> {
          handled.countDown();
          return result;
        });
    try (RouteServer server = RouteServer.of(waiting)) {
      RawHttpConnection[] callers = new RawHttpConnection[8];
      for (int i = 0; i < callers.length; i++) {
        callers[i] = server.connect().send(HEAD, "{}");
      }
      // More requests than event loops, so none of them waits.
      Await.open(handled);
      result.complete(Response.ok(Map.of("a", 1)));
      for (RawHttpConnection caller : callers) {
        assertThat(caller.readResponse().status()).isEqualTo(200);
        caller.close();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void failureOfTheHandlerIsAProblem(boolean thrown) throws Exception {
    InvalidInputException failure = new InvalidInputException("a", "must be 1");
    Route failing =
        route(_ -> {
          if (thrown) {
            throw failure;
          }
          return CompletableFuture.supplyAsync(() -> {
            throw failure;
          });
        });
    try (RouteServer server = RouteServer.of(failing)) {
      RawHttpConnection.RawResponse answer = server.send(HEAD, "{}");

      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.text()).contains("must be 1");
    }
  }

  /// A value that cannot be written as JSON.
  public record Unwritable(String text) {
    @Override
    public String text() {
      throw new IllegalStateException("no text");
    }
  }

  @Test
  void responseThatCannotBeEncodedIsAProblem() throws Exception {
    result.complete(Response.ok(new Unwritable("a")));
    try (RouteServer server = RouteServer.of(route(_ -> result))) {
      assertThat(server.send(HEAD, "{}").status()).isEqualTo(500);
    }
  }

  @Test
  void streamWithAnInvalidHeaderIsAProblemAndCancelled() throws Exception {
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    Flow.Publisher<byte[]> source =
        to ->
            to.onSubscribe(
                new Flow.Subscription() {
                  @Override
                  public void request(long parts) {}

                  @Override
                  public void cancel() {
                    cancelled.complete(null);
                  }
                });
    result.complete(Response.events(source, _ -> new byte[0]).withHeader("X-A", "a\nb"));
    try (RouteServer server = RouteServer.of(route(_ -> result))) {
      assertThat(server.send(HEAD, "{}").status()).isEqualTo(500);
      Await.result(cancelled);
      Await.value(0.0, () -> server.meters().get("http.server.in.flight").gauge().value());
    }
  }

  @Test
  void invalidBodyIsAProblem() throws Exception {
    try (RouteServer server = RouteServer.of(route(_ -> result))) {
      assertThat(server.send(HEAD, "{").status()).isEqualTo(400);
      assertThat(onLoop).isEmpty();
    }
  }

  @Test
  void disconnectCancelsAPendingRequest() throws Exception {
    CountDownLatch handled = new CountDownLatch(1);
    BlockingQueue<String> events = new LinkedBlockingQueue<>();
    Route waiting =
        route(request -> {
          request.onCancel(() -> {
            events.add("cancelled");
            result.complete(Response.ok(Map.of("a", 1)));
          });
          handled.countDown();
          return result;
        });
    try (RouteServer server = RouteServer.of(waiting)) {
      try (RawHttpConnection caller = server.connect()) {
        caller.send(HEAD, "{}");
        Await.open(handled);
      }
      assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("cancelled");
      Await.value(0.0, () -> server.meters().get("http.server.in.flight").gauge().value());
    }
  }

  private Route route(Function<Request<Object>, CompletableFuture<Response>> handler) {
    return Route.post("/run", "Run")
        .requires(Scope.PUBLIC)
        .accepts(Object.class, 1 << 20)
        .returns(200, Map.class)
        .handledOnLoopBy(request -> {
          onLoop.add(request.loop().isCurrent());
          return handler.apply(request);
        });
  }
}
