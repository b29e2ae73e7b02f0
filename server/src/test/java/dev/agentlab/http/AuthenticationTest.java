package dev.agentlab.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.errors.IdOrName;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.secrets.Secret;
import dev.agentlab.security.Actor;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.Authenticator;
import dev.agentlab.security.Caller;
import dev.agentlab.security.Grant;
import dev.agentlab.security.GrantSet;
import dev.agentlab.security.ModelPattern;
import dev.agentlab.security.Restriction;
import dev.agentlab.security.Scope;
import dev.agentlab.testing.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Authentication and authorization of requests, and their order relative to receiving the body.
class AuthenticationTest {
  private static final Scope AGENTS_READ = new Scope("agents:read");
  private static final UUID AGENT = UUID.fromString("123e4567-e89b-12d3-a456-426614174000");
  private static final UUID OTHER = UUID.fromString("123e4567-e89b-12d3-a456-426614174001");
  private static final Param<IdOrName> ID = Param.idOrName("Which agent.");
  private static final String TEXT = "text/plain";

  private static final Map<String, GrantSet> GRANTS =
      Map.of(
          "reader", new GrantSet(Set.of(Grant.of(AGENTS_READ))),
          "runner", new GrantSet(Set.of(Grant.of(Scope.INVOKE))),
          "one", new GrantSet(Set.of(Grant.invoke(AGENT))),
          "models",
              new GrantSet(
                  Set.of(
                      new Grant(Scope.INVOKE, new Restriction.ToProvider("p")),
                      new Grant(
                          Scope.INVOKE, new Restriction.ToModels("q", new ModelPattern("*"))))));

  private final AtomicInteger verified = new AtomicInteger();
  private final AtomicInteger bodies = new AtomicInteger();
  private final AtomicInteger lookUps = new AtomicInteger();
  private final AtomicBoolean checkedOnEventLoop = new AtomicBoolean();
  private final Semaphore open = new Semaphore(0);
  private final RouteServer server =
      RouteServer.of(
          new Callers(),
          Route.get("/open", "Open")
              .requires(Scope.PUBLIC)
              .returnsText(200, TEXT)
              .handledBy(request -> Response.text(200, TEXT, request.caller().id())),
          Route.get("/self", "Self")
              .requires(Scope.AUTHENTICATED)
              .returnsText(200, TEXT)
              .handledBy(request -> Response.text(200, TEXT, request.caller().name())),
          Route.get("/agents", "Agents")
              .requires(AGENTS_READ)
              .returnsText(200, TEXT)
              .handledBy(_ -> Response.text(200, TEXT, actor(Actor.current()))),
          Route.post("/agents/{id}/run", "Run")
              .requires(Scope.INVOKE)
              .forAgent(ID, this::idOf)
              .accepts(Thing.class)
              .returnsText(200, TEXT)
              .handledBy(request -> {
                bodies.incrementAndGet();
                return Response.text(
                    200, TEXT, request.body().name() + " " + text(request.path(ID)));
              }));

  record Thing(String name) {}

  /// Authenticates callers by name; names that begin with `slow-` only after a delay.
  private final class Callers implements Authenticator {
    @Override
    public AuthenticationResult check(Secret credential) {
      checkedOnEventLoop.set(!Thread.currentThread().isVirtual());
      String name = credential.reveal();
      return name.startsWith("slow-") ? new AuthenticationResult.Undecided() : known(name);
    }

    @Override
    public AuthenticationResult verify(Secret credential) {
      verified.incrementAndGet();
      open.acquireUninterruptibly();
      String name = credential.reveal().substring("slow-".length());
      if (name.equals("unavailable")) {
        throw new UnavailableException("not now", Duration.ofSeconds(1), new IOException());
      }
      if (name.equals("broken")) {
        throw new AssertionError("broken on purpose");
      }
      return known(name);
    }

    private AuthenticationResult known(String name) {
      return GRANTS.containsKey(name)
          ? new AuthenticationResult.Accepted(
              new Caller(Caller.Kind.KEY, "id-of-" + name, name, GRANTS.get(name)))
          : new AuthenticationResult.Refused("unknown key");
    }
  }

  private Optional<UUID> idOf(IdOrName.Name agent) {
    lookUps.incrementAndGet();
    if (agent.name().startsWith("slow ")) {
      open.acquireUninterruptibly();
    }
    return switch (agent.name()) {
      case "mine", "slow mine" -> Optional.of(AGENT);
      case "other" -> Optional.of(OTHER);
      case "unavailable" ->
          throw new UnavailableException("not now", Duration.ofSeconds(1), new IOException());
      default -> Optional.empty();
    };
  }

  private static String text(IdOrName agent) {
    return switch (agent) {
      case IdOrName.Id(UUID id) -> id.toString();
      case IdOrName.Name(String name) -> "named " + name;
    };
  }

  private static String actor(Actor actor) {
    return "%s %s %s"
        .formatted(actor.caller().id(), actor.address().orElse("-"), actor.requestId().orElse("-"));
  }

  @AfterEach
  void stop() {
    open.release(1000);
    server.close();
  }

  @Test
  void publicRouteNeedsNoCredential() throws IOException {
    assertThat(server.send("GET /open HTTP/1.1").text()).isEqualTo("anyone");
    assertThat(server.send("GET /open HTTP/1.1\r\nAuthorization: Bearer none").status())
        .isEqualTo(200);
  }

  @Test
  void unexpectedAuthenticationErrorGivesStatus500() throws IOException {
    open.release();
    assertThat(server.send("GET /agents HTTP/1.1\r\nX-Api-Key: slow-broken").status())
        .isEqualTo(500);
  }

  @Test
  void missingOrUnknownCredentialIsUnauthenticated() throws IOException {
    for (String credential :
        List.of(
            "",
            "Authorization: Bearer none",
            "Authorization: Bearer ",
            "Authorization:",
            "Authorization: Basic cmVhZGVyOg==",
            "Authorization: reader",
            "X-Api-Key: none",
            "X-Api-Key:")) {
      for (String route : List.of("GET /agents", "GET /self")) {
        RawHttpConnection.RawResponse response = server.send(head(route, credential));

        assertThat(response.status()).as(credential).isEqualTo(401);
        assertThat(response.header("WWW-Authenticate")).isEqualTo("Bearer");
      }
    }
    assertThat(server.send("GET /agents HTTP/1.1").json().get("type").asString())
        .isEqualTo("/problems/unauthenticated");
  }

  @Test
  void keyIsAcceptedInEitherHeader() throws IOException {
    for (String credential :
        List.of(
            "Authorization: Bearer reader", "authorization: bearer  reader", "X-Api-Key: reader")) {
      assertThat(server.send(head("GET /self", credential)).text()).isEqualTo("reader");
    }
    assertThat(checkedOnEventLoop).isTrue();
    assertThat(verified).hasValue(0);
  }

  @Test
  void differentCredentialsAreRejected() throws IOException {
    for (String credentials :
        List.of(
            "Authorization: Bearer reader\r\nX-Api-Key: none",
            "Api-Key: reader\r\nX-Goog-Api-Key: none",
            "Authorization: Bearer reader\r\nAuthorization: Bearer reader",
            "X-Api-Key: reader\r\nX-Api-Key: none")) {
      assertThat(server.send(head("GET /agents", credentials)).status()).isEqualTo(400);
    }
  }

  @Test
  void everyHeaderOfACredentialIsAccepted() throws IOException {
    for (String credentials :
        List.of(
            "Authorization: Bearer reader",
            "X-Api-Key: reader",
            "api-key: reader",
            "x-goog-api-key: reader",
            "Authorization: Bearer reader\r\nX-Api-Key: reader\r\nX-Goog-Api-Key: reader")) {
      assertThat(server.send(head("GET /agents", credentials)).status()).isEqualTo(200);
    }
  }

  @Test
  void missingScopeIsForbiddenAndNamed() throws IOException {
    RawHttpConnection.RawResponse response = server.send(head("GET /agents", "X-Api-Key: runner"));

    assertThat(response.status()).isEqualTo(403);
    assertThat(response.json().get("detail").asString()).contains("agents:read");
    assertThat(response.json().get("type").asString()).isEqualTo("/problems/forbidden");
  }

  @Test
  void agentGrantPermitsOnlyThatAgent() throws IOException {
    assertThat(run("one", AGENT).status()).isEqualTo(200);
    assertThat(run("one", OTHER).status()).isEqualTo(403);
    assertThat(run("one", OTHER).json().get("detail").asString())
        .contains("invoke or invoke:" + OTHER);
    assertThat(run("runner", OTHER).status()).isEqualTo(200);
    assertThat(run("reader", AGENT).status()).isEqualTo(403);
    assertThat(run("models", AGENT).status()).isEqualTo(403);
  }

  @Test
  void agentGrantPermitsTheAgentByName() throws IOException {
    assertThat(run("one", "mine").text()).isEqualTo("a " + AGENT);
    assertThat(run("one", "other").status()).isEqualTo(403);
    assertThat(run("one", "other").json().get("detail").asString())
        .contains("invoke or invoke:other");
    assertThat(run("one", "absent").status()).isEqualTo(403);
    assertThat(run("one", "unavailable").status()).isEqualTo(503);
  }

  @Test
  void agentNameIsLookedUpForAgentGrantsOnly() throws IOException {
    assertThat(run("runner", "mine").text()).isEqualTo("a named mine");
    assertThat(run("reader", "mine").status()).isEqualTo(403);
    assertThat(run("models", "mine").status()).isEqualTo(403);
    assertThat(run("none", "mine").status()).isEqualTo(401);
    assertThat(run("one", AGENT).status()).isEqualTo(200);
    assertThat(lookUps).hasValue(0);
  }

  @Test
  void connectionIsReusableAfterAgentLookup() throws IOException {
    open.release(100);
    try (RawHttpConnection wire = server.connect()) {
      for (int i = 0; i < 10; i++) {
        for (String who : List.of("one", "slow-one")) {
          wire.send(body(who, "slow%20mine", 12), "{\"name\":\"a\"}");
          assertThat(wire.readResponse().text()).isEqualTo("a " + AGENT);
        }
        wire.send(head("GET /self", "X-Api-Key: one"), "");
        assertThat(wire.readResponse().status()).isEqualTo(200);
      }
    }
  }

  @Test
  void disconnectDuringAgentLookupEndsTheRequest() throws Exception {
    try (RawHttpConnection wire = server.connect()) {
      wire.send(body("one", "slow%20mine", 12), "{\"name\":\"a\"}");
      Await.value(1, lookUps::get);
    }
    Await.value(0.0, () -> server.meters().get("http.server.in.flight").gauge().value());
    open.release();
    assertThat(bodies).hasValue(0);
  }

  @Test
  void agentIdIsCaseInsensitive() throws IOException {
    String id = AGENT.toString().toUpperCase(Locale.ROOT);
    assertThat(server.send(body("one", id, 12), "{\"name\":\"a\"}").status()).isEqualTo(200);
  }

  @Test
  void unauthorizedBodyIsNotReceivedAndConnectionCloses() throws IOException {
    for (String who : List.of("none", "reader")) {
      try (RawHttpConnection wire = server.connect()) {
        wire.sendRaw(body(who, AGENT.toString(), 60_000) + "\r\nHost: a\r\n\r\n{");

        assertThat(wire.readResponse().status()).isIn(401, 403);
        assertThat(wire.isClosed()).isTrue();
      }
    }
    assertThat(bodies).hasValue(0);
  }

  @Test
  void unauthorizedExpectContinueIsRejected() throws IOException {
    try (RawHttpConnection wire = server.connect()) {
      wire.sendRaw(
          body("none", AGENT.toString(), 60_000) + "\r\nExpect: 100-continue\r\nHost: a\r\n\r\n");

      RawHttpConnection.RawResponse response = wire.readResponse();
      assertThat(response.status()).isEqualTo(401);
      assertThat(response.header("Connection")).isEqualTo("close");
    }
  }

  @Test
  void connectionIsReusableAfterRejectionWithoutBody() throws IOException {
    try (RawHttpConnection wire = server.connect()) {
      assertThat(wire.send("GET /agents HTTP/1.1", "").readResponse().status()).isEqualTo(401);
      assertThat(wire.send(head("GET /agents", "X-Api-Key: reader"), "").readResponse().status())
          .isEqualTo(200);
    }
  }

  @Test
  void handlerRunsAsItsCaller() throws IOException {
    String response =
        server.send(head("GET /agents", "X-Api-Key: reader\r\nX-Request-Id: my-id")).text();

    assertThat(response).isEqualTo("id-of-reader 127.0.0.1 my-id");
  }

  @Test
  void slowVerificationDoesNotBlockOtherConnections() throws Exception {
    try (RawHttpConnection slow = server.connect();
        RawHttpConnection other = server.connect()) {
      slow.send(body("slow-one", AGENT.toString(), 12), "{\"name\":\"a\"}");
      awaitVerifying(1);

      for (int i = 0; i < 20; i++) {
        assertThat(other.send(head("GET /self", "X-Api-Key: reader"), "").readResponse().status())
            .isEqualTo(200);
      }
      open.release();
      assertThat(slow.readResponse().text()).isEqualTo("a " + AGENT);
      assertThat(slow.send(head("GET /self", "X-Api-Key: reader"), "").readResponse().status())
          .isEqualTo(200);
    }
  }

  @Test
  void unavailableAuthenticatorGivesStatus503() throws IOException {
    open.release();
    RawHttpConnection.RawResponse response =
        server.send(body("slow-unavailable", AGENT.toString(), 12), "{\"name\":\"a\"}");

    assertThat(response.status()).isEqualTo(503);
    assertThat(response.header("Retry-After")).isEqualTo("1");
  }

  @Test
  void connectionIsReusableAfterSlowVerification() throws IOException {
    open.release(100);
    try (RawHttpConnection wire = server.connect()) {
      for (int i = 0; i < 10; i++) {
        wire.send(body("slow-unavailable", AGENT.toString(), 12), "{\"name\":\"a\"}");
        assertThat(wire.readResponse().status()).isEqualTo(503);
        wire.send(head("GET /self", "X-Api-Key: slow-none"), "");
        assertThat(wire.readResponse().status()).isEqualTo(401);
        wire.send(body("slow-one", AGENT.toString(), 12), "{\"name\":\"a\"}");
        assertThat(wire.readResponse().status()).isEqualTo(200);
        wire.send(head("GET /self", "X-Api-Key: slow-one"), "");
        assertThat(wire.readResponse().status()).isEqualTo(200);
      }
    }
  }

  @Test
  void slowVerificationCanReject() throws IOException {
    open.release(2);
    assertThat(server.send(body("slow-none", AGENT.toString(), 12), "{\"name\":\"a\"}").status())
        .isEqualTo(401);
    assertThat(server.send(body("slow-one", OTHER.toString(), 12), "{\"name\":\"a\"}").status())
        .isEqualTo(403);
  }

  @Test
  void disconnectDuringVerificationEndsTheRequest() throws Exception {
    try (RawHttpConnection wire = server.connect()) {
      wire.send(body("slow-one", AGENT.toString(), 12), "{\"name\":\"a\"}");
      awaitVerifying(1);
    }
    Await.value(0.0, () -> server.meters().get("http.server.in.flight").gauge().value());
    open.release();
    assertThat(bodies).hasValue(0);
  }

  private void awaitVerifying(int count) {
    Await.value(count, verified::get);
  }

  private RawHttpConnection.RawResponse run(String who, UUID agent) throws IOException {
    return run(who, agent.toString());
  }

  private RawHttpConnection.RawResponse run(String who, String agent) throws IOException {
    return server.send(body(who, agent, 12), "{\"name\":\"a\"}");
  }

  private static String head(String line, String headers) {
    return line + " HTTP/1.1" + (headers.isEmpty() ? "" : "\r\n" + headers);
  }

  private static String body(String who, String agent, int length) {
    return head(
        "POST /agents/%s/run".formatted(agent),
        "X-Api-Key: %s\r\nContent-Type: application/json%s"
            .formatted(who, length > 1000 ? "\r\nContent-Length: " + length : ""));
  }
}
