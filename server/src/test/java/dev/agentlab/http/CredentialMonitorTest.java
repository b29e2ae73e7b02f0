package dev.agentlab.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.errors.UnavailableException;
import dev.agentlab.secrets.Secret;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.Authenticator;
import dev.agentlab.security.Caller;
import dev.agentlab.security.GrantSet;
import dev.agentlab.security.Scope;
import dev.agentlab.testing.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SubmissionPublisher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The end of requests in progress when their API key expires or is revoked.
class CredentialMonitorTest {
  private static final String EVENT = "data: 1\n\n";
  private static final String LAST = "event: error\ndata: it has ended\n\n";
  private static final String TEXT = "text/plain";

  private final Set<String> ended = ConcurrentHashMap.newKeySet();
  private final Set<String> undecided = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> checks = new ConcurrentHashMap<>();
  private final Map<String, SubmissionPublisher<byte[]>> streams = new ConcurrentHashMap<>();
  private final CountDownLatch handling = new CountDownLatch(1);
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private final CountDownLatch verifying = new CountDownLatch(1);
  private final RouteServer server =
      RouteServer.of(
          RouteServer.settings(),
          new Authenticators(new Callers(), Optional.of(new HangingSessions())),
          Route.get("/stream", "Stream")
              .requires(Scope.AUTHENTICATED)
              .returnsEvents(200, String.class)
              .handledBy(request -> {
                SubmissionPublisher<byte[]> events = new SubmissionPublisher<>();
                streams.put(request.caller().name(), events);
                return Response.events(events, TestRoutes::lastEvent);
              }),
          Route.get("/cancellable", "Can be cancelled")
              .requires(Scope.AUTHENTICATED)
              .returnsText(200, TEXT)
              .handledBy(request -> {
                request.onCancel(cancelled::countDown);
                Await.open(cancelled);
                throw new IllegalStateException("cancelled");
              }),
          Route.get("/change", "Cannot be cancelled")
              .requires(Scope.AUTHENTICATED)
              .returnsText(200, TEXT)
              .handledBy(_ -> {
                handling.countDown();
                Await.open(release);
                return Response.text(200, TEXT, "changed");
              }),
          Route.get("/broken", "Fails")
              .requires(Scope.AUTHENTICATED)
              .returnsText(200, TEXT)
              .handledBy(_ -> {
                throw new IllegalStateException("broken on purpose");
              }),
          Route.get("/forbidden", "Needs more")
              .requires(Scope.INVOKE)
              .returnsText(200, TEXT)
              .handledBy(_ -> Response.text(200, TEXT, "")),
          Route.post("/takes", "Takes")
              .requires(Scope.AUTHENTICATED)
              .accepts(Object.class)
              .returnsEmpty(204)
              .handledBy(_ -> Response.noContent()));

  /// Accepts every key until it has ended. Names that begin with `token` are OIDC tokens.
  private final class Callers implements Authenticator {
    @Override
    public AuthenticationResult check(Secret credential) {
      String name = credential.reveal();
      checks.merge(name, 1, Integer::sum);
      if (undecided.contains(name)) {
        return new AuthenticationResult.Undecided();
      }
      return ended.contains(name)
          ? new AuthenticationResult.Refused("it has ended")
          : new AuthenticationResult.Accepted(
              new Caller(
                  name.startsWith("token") ? Caller.Kind.TOKEN : Caller.Kind.KEY,
                  name,
                  name,
                  GrantSet.NONE));
    }

    @Override
    public AuthenticationResult verify(Secret credential) {
      throw new UnavailableException("not now", Duration.ofSeconds(1), new IOException());
    }
  }

  /// Accepts every session at first. Its verification hangs, as one that waits for an identity
  /// provider.
  private final class HangingSessions implements Authenticator {
    @Override
    public AuthenticationResult check(Secret credential) {
      return undecided.contains(credential.reveal())
          ? new AuthenticationResult.Undecided()
          : new AuthenticationResult.Accepted(
              new Caller(Caller.Kind.KEY, "session", credential.reveal(), GrantSet.NONE));
    }

    @Override
    public AuthenticationResult verify(Secret credential) {
      verifying.countDown();
      Await.open(release);
      return new AuthenticationResult.Refused("the session has ended");
    }
  }

  @AfterEach
  void stop() {
    release.countDown();
    server.close();
  }

  @Test
  void endedKeyEndsItsStreamWithAnErrorEvent() throws IOException {
    try (RawHttpConnection wire = stream("a");
        RawHttpConnection other = stream("b")) {
      ended.add("a");

      assertThat(wire.readChunk()).isEqualTo(LAST);
      assertThat(wire.readChunk()).isEmpty();
      Await.until("the source is cancelled", () -> !source("a").hasSubscribers());
      emit("b", EVENT);
      assertThat(other.readChunk()).isEqualTo(EVENT);
    }
  }

  @Test
  void endedKeyEndsAllItsStreams() throws IOException {
    try (RawHttpConnection one = stream("a");
        RawHttpConnection other = stream("a")) {
      ended.add("a");

      for (RawHttpConnection wire : List.of(one, other)) {
        assertThat(wire.readChunk()).isEqualTo(LAST);
        assertThat(wire.readChunk()).isEmpty();
      }
    }
  }

  @Test
  void endedKeyEndsItsIdleStream() throws IOException {
    try (RawHttpConnection wire = server.connect()) {
      wire.send("GET /stream HTTP/1.1\r\nX-Api-Key: a", "");
      Await.until("the stream has begun", () -> streams.containsKey("a"));
      ended.add("a");

      assertThat(wire.readResponse().text()).isEqualTo(LAST);
    }
  }

  @Test
  void endedKeyCancelsItsHandlerWithStatus401() throws IOException {
    try (RawHttpConnection wire = server.connect()) {
      wire.send("GET /cancellable HTTP/1.1\r\nX-Api-Key: a", "");
      awaitMoreChecks("a", 2);
      ended.add("a");

      RawHttpConnection.RawResponse response = wire.readResponse();
      assertThat(response.status()).isEqualTo(401);
      assertThat(response.header("WWW-Authenticate")).isEqualTo("Bearer");
      assertThat(response.json().get("detail").asString()).isEqualTo("it has ended");
    }
  }

  @Test
  void uncancellableHandlerKeepsItsResponse() throws IOException {
    try (RawHttpConnection wire = server.connect()) {
      wire.send("GET /change HTTP/1.1\r\nX-Api-Key: a", "");
      Await.open(handling);
      ended.add("a");
      awaitMoreChecks("a", 2);
      release.countDown();

      assertThat(wire.readResponse().text()).isEqualTo("changed");
    }
  }

  @Test
  void endedKeyAbortsReceivingItsBody() throws IOException {
    try (RawHttpConnection wire = server.connect()) {
      wire.sendRaw("POST /takes HTTP/1.1\r\nHost: a\r\nX-Api-Key: a\r\n");
      wire.sendRaw("Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{");
      awaitMoreChecks("a", 2);
      ended.add("a");

      RawHttpConnection.RawResponse response = wire.readResponse();
      assertThat(response.status()).isEqualTo(401);
      assertThat(response.header("Connection")).isEqualTo("close");
    }
  }

  @Test
  void streamContinuesWhileAuthenticatorIsUnavailable() throws IOException {
    try (RawHttpConnection wire = stream("a")) {
      undecided.add("a");
      awaitMoreChecks("a", 2);
      emit("a", EVENT);
      assertThat(wire.readChunk()).isEqualTo(EVENT);

      ended.add("a");
      undecided.clear();
      assertThat(wire.readChunk()).isEqualTo(LAST);
    }
  }

  @Test
  void hangingCheckOfASessionDoesNotDelayOthers() throws IOException {
    try (RawHttpConnection session = server.connect();
        RawHttpConnection other = stream("a")) {
      session.send("GET /stream HTTP/1.1\r\nCookie: agent_lab_session=s", "");
      Await.until("the stream has begun", () -> streams.containsKey("s"));
      undecided.add("s");
      Await.open(verifying);

      ended.add("a");

      assertThat(other.readChunk()).isEqualTo(LAST);
      release.countDown();
      assertThat(session.readResponse().text()).contains("the session has ended");
    }
  }

  @Test
  void expiredTokenDoesNotEndItsStream() throws IOException {
    try (RawHttpConnection wire = stream("token");
        RawHttpConnection _ = stream("sentinel")) {
      ended.add("token");
      awaitMoreChecks("sentinel", 2);
      emit("token", EVENT);

      assertThat(wire.readChunk()).isEqualTo(EVENT);
      assertThat(checked("token")).isEqualTo(1);
    }
  }

  @Test
  void finishedRequestsAreNotWatched() throws IOException {
    for (String path : List.of("broken", "forbidden", "nowhere", "stream?no=parameter")) {
      RawHttpConnection.RawResponse response =
          server.send("GET /%s HTTP/1.1\r\nX-Api-Key: a".formatted(path));
      assertThat(response.status()).isGreaterThanOrEqualTo(400);
    }
    release.countDown();
    assertThat(server.send("GET /change HTTP/1.1\r\nX-Api-Key: a").status()).isEqualTo(200);
    try (RawHttpConnection complete = stream("a")) {
      source("a").close();
      assertThat(complete.readChunk()).isEmpty();
    }
    try (RawHttpConnection broken = stream("a")) {
      source("a").closeExceptionally(new IOException("broken on purpose"));
      assertThat(broken.isClosed()).isTrue();
    }
    stream("a").close();
    Await.until(
        "the disconnect is detected",
        () -> {
          emit("a", EVENT);
          return !source("a").hasSubscribers();
        });
    try (RawHttpConnection body = server.connect()) {
      body.sendRaw("POST /takes HTTP/1.1\r\nHost: a\r\nX-Api-Key: a\r\n");
      body.sendRaw("Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{");
      awaitMoreChecks("a", 2);
    }
    try (RawHttpConnection _ = stream("sentinel")) {
      Await.value(1.0, () -> server.meters().get("http.server.in.flight").gauge().value());
      awaitMoreChecks("sentinel", 2);
      int before = checked("a");
      awaitMoreChecks("sentinel", 3);

      assertThat(checked("a")).isEqualTo(before);
    }
  }

  /// Opens a stream and reads its first event.
  private RawHttpConnection stream(String key) throws IOException {
    RawHttpConnection wire = server.connect();
    streams.remove(key);
    wire.send("GET /stream HTTP/1.1\r\nX-Api-Key: " + key, "");
    Await.until(
        "the stream is subscribed to",
        () -> streams.containsKey(key) && source(key).hasSubscribers());
    emit(key, EVENT);
    assertThat(wire.readHead().status()).isEqualTo(200);
    assertThat(wire.readChunk()).isEqualTo(EVENT);
    return wire;
  }

  private SubmissionPublisher<byte[]> source(String key) {
    return streams.getOrDefault(key, new SubmissionPublisher<>());
  }

  private void emit(String key, String event) {
    source(key).submit(event.getBytes(StandardCharsets.UTF_8));
  }

  private int checked(String key) {
    return checks.getOrDefault(key, 0);
  }

  private void awaitMoreChecks(String key, int more) {
    int enough = checked(key) + more;
    Await.until("the key is checked", () -> checked(key) >= enough);
  }
}
