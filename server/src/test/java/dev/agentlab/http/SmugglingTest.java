package dev.agentlab.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.secrets.Secret;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.Authenticator;
import dev.agentlab.security.Caller;
import dev.agentlab.security.Grant;
import dev.agentlab.security.GrantSet;
import dev.agentlab.security.Scope;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Request smuggling: bytes that follow a request whose response closes the connection are never
/// processed, even if they are a complete request. A proxy in front of the server may have parsed
/// them differently.
class SmugglingTest {
  private static final Scope AGENTS_READ = new Scope("agents:read");
  private static final int TRIES = 20;
  private static final String POST = "POST /changes HTTP/1.1\r\nHost: localhost\r\n";
  private static final String KEY = "Authorization: Bearer known\r\n";
  private static final String JSON = "Content-Type: application/json\r\n";
  private static final String ONE = "Content-Length: 1\r\n\r\n1";
  private static final String CHANGE = POST + KEY + JSON + ONE;

  private final AtomicInteger changes = new AtomicInteger();

  /// The expected value of [#changes] after the server and all handlers have stopped.
  private int expected;

  private final CountDownLatch waiting = new CountDownLatch(1);
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final RouteServer server =
      RouteServer.of(
          RouteServer.withAllowedHosts(RouteServer.settings(), List.of()),
          new Callers(),
          Route.post("/changes", "Change")
              .requires(AGENTS_READ)
              .accepts(Integer.class)
              .returnsEmpty(204)
              .handledBy(_ -> {
                changes.incrementAndGet();
                return Response.noContent();
              }),
          Route.post("/more", "Forbidden")
              .requires(Scope.INVOKE)
              .accepts(Integer.class)
              .returnsEmpty(204)
              .handledBy(_ -> Response.noContent()),
          Route.get("/waiting", "Wait for the stop")
              .requires(Scope.PUBLIC)
              .returnsEmpty(204)
              .handledBy(_ -> {
                waiting.countDown();
                await(stopping);
                return Response.noContent();
              }));

  /// Accepts `known` immediately, and rejects `slow` after verification.
  private static final class Callers implements Authenticator {
    @Override
    public AuthenticationResult check(Secret credential) {
      return switch (credential.reveal()) {
        case "known" ->
            new AuthenticationResult.Accepted(
                new Caller(
                    Caller.Kind.KEY, "id", "known", new GrantSet(Set.of(Grant.of(AGENTS_READ)))));
        case "slow" -> new AuthenticationResult.Undecided();
        default -> new AuthenticationResult.Refused("unknown key");
      };
    }

    @Override
    public AuthenticationResult verify(Secret credential) {
      return new AuthenticationResult.Refused("unknown key");
    }
  }

  @AfterEach
  void stop() {
    stopping.countDown();
    server.close();
    assertThat(changes).hasValue(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        POST + KEY + JSON + "Transfer-Encoding: xchunked\r\n\r\n",
        POST + KEY + JSON + "Transfer-Encoding: identity\r\n\r\n",
        POST + KEY + JSON + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        POST + KEY + JSON + "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n",
        POST + KEY + JSON + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        "POST /changes HTTP/1.0\r\nHost: localhost\r\n"
            + KEY
            + JSON
            + "Transfer-Encoding: chunked\r\n\r\n1\r\n1\r\n0\r\n\r\n",
        POST + KEY + JSON + "Host: other\r\n" + ONE,
        "POST /changes HTTP/1.1\r\n" + KEY + JSON + ONE,
        "POST /changes HTTP/1.1\r\nHost: a b\r\n" + KEY + JSON + ONE,
        "POST /changes HTTP/1.2\r\nHost: localhost\r\n" + KEY + JSON + ONE,
        "POST /ch\u00e4nges HTTP/1.1\r\nHost: localhost\r\n" + KEY + JSON + ONE,
        POST + KEY + JSON + ": nameless\r\n" + ONE,
        POST + KEY + JSON + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n1",
        POST + KEY + JSON + "Transfer-Encoding: chunked\r\n\r\nno length\r\n1\r\n0\r\n\r\n"
      })
  void nothingFollowsMalformedRequest(String request) throws Exception {
    assertNothingFollows(request, 400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Authorization: Bearer none\r\n", "Authorization: Bearer slow\r\n"})
  void nothingFollowsUnauthenticatedRequest(String credential) throws Exception {
    assertNothingFollows(POST + credential + JSON + ONE, 401);
  }

  @Test
  void nothingFollowsForbiddenRequest() throws Exception {
    String request = "POST /more HTTP/1.1\r\nHost: localhost\r\n" + KEY + JSON + ONE;

    assertNothingFollows(request, 403);
  }

  @Test
  void nothingFollowsTooLargeBody() throws Exception {
    int max = RouteServer.settings().maxBodySize();
    String announced = "Content-Length: %d\r\n\r\n".formatted(max + 1) + " ".repeat(max + 1);
    String counted =
        "Transfer-Encoding: chunked\r\n\r\n%x\r\n".formatted(max + 1)
            + " ".repeat(max + 1)
            + "\r\n0\r\n\r\n";

    assertNothingFollows(POST + KEY + JSON + announced, 413);
    assertNothingFollows(POST + KEY + JSON + counted, 413);
  }

  @Test
  void nothingFollowsConnectionCloseRequest() throws Exception {
    assertNothingFollows("GET /none HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 404);
    assertNothingFollows("GET /none HTTP/1.0\r\nHost: localhost\r\n\r\n", 404);
  }

  @Test
  void nothingFollowsResponseDuringShutdown() throws Exception {
    try (RawHttpConnection wire = server.connect()) {
      wire.sendRaw("GET /waiting HTTP/1.1\r\nHost: localhost\r\n\r\n" + CHANGE + CHANGE);
      await(waiting);
      CompletableFuture<Void> stopped =
          CompletableFuture.runAsync(() -> {
            try {
              server.stop(Duration.ofSeconds(10));
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          });
      awaitConnectionsRejected(server.port());
      stopping.countDown();

      assertThat(wire.readResponse().header("Connection")).isEqualTo("close");
      assertThat(wire.isClosed()).isTrue();
      stopped.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void pipelinedRequestsAfterKeepAliveAreProcessed() throws Exception {
    expected = 2;
    try (RawHttpConnection wire = server.connect()) {
      wire.sendRaw("GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n" + CHANGE + CHANGE);

      assertThat(
              List.of(
                  wire.readResponse().status(),
                  wire.readResponse().status(),
                  wire.readResponse().status()))
          .containsExactly(404, 204, 204);
    }
  }

  /// Repeated, because the moment at which the connection closes varies.
  private void assertNothingFollows(String request, int status) throws Exception {
    for (int i = 0; i < TRIES; i++) {
      try (RawHttpConnection wire = server.connect()) {
        wire.sendRaw(request + CHANGE + CHANGE);

        assertThat(wire.readResponse().status()).as(request).isEqualTo(status);
        assertThat(wire.isClosed()).as(request).isTrue();
      }
    }
  }

  private static void awaitConnectionsRejected(int port) throws InterruptedException {
    for (int tries = 0; tries < 1_000; tries++) {
      try (RawHttpConnection _ = new RawHttpConnection(port)) {
        Thread.sleep(10);
      } catch (IOException e) {
        return;
      }
    }
    throw new AssertionError("the server still accepts connections");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
