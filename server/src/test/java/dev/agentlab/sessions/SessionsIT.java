package dev.agentlab.sessions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.http.RawHttpConnection;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.Await;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Sessions of API keys on two replicas.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SessionsIT {
  private final DatabaseSettings database = TestPostgres.migratedDatabase();
  @RegisterExtension private final TestServer here = new TestServer(database);
  @RegisterExtension private final TestServer elsewhere = new TestServer(database);

  /// A created or rotated key.
  private record Key(String id, String text) {
    static Key of(Answer answer) {
      assertThat(answer.status()).as(answer.text()).isIn(200, 201);
      return new Key(answer.json().get("id").asString(), answer.json().get("key").asString());
    }
  }

  private Key createKey(String scopes) {
    return createKey(scopes, "");
  }

  private Key createKey(String scopes, String more) {
    return Key.of(
        here.client()
            .post(
                "/api/keys",
                "{\"name\": \"of a test\", \"scopes\": [%s]%s}".formatted(scopes, more)));
  }

  private Key createReader() {
    return createKey("\"agents:read\"");
  }

  @Test
  void sessionHasTheCallerAndTheRightsOfItsKey() {
    Key key = createReader();
    Answer signedIn = Browser.post(here, "{\"key\": \"%s\"}".formatted(key.text()));
    Browser browser = Browser.from(here, signedIn);

    assertThat(signedIn.header("Set-Cookie"))
        .matches(
            "agent_lab_session=[0-9A-Za-z]{43}; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax");
    assertThat(signedIn.text()).doesNotContain(key.text(), browser.token());
    JsonNode session = browser.get("/api/session").json();
    assertThat(session).isEqualTo(signedIn.json());
    assertThat(session.get("caller").toString())
        .isEqualTo(
            "{\"kind\":\"key\",\"id\":\"%s\",\"name\":\"of a test\",\"scopes\":[\"agents:read\"]}"
                .formatted(key.id()));
    assertThat(Duration.between(Instant.now(), expiry(session)))
        .isBetween(Duration.ofHours(12).minusMinutes(1), Duration.ofHours(12));
    assertThat(browser.get("/api/agents").status()).isEqualTo(200);
    assertThat(browser.get("/api/keys").status()).isEqualTo(403);
    assertThat(browser.get("/api/keys/self").json()).isEqualTo(session.get("caller"));
  }

  private static Instant expiry(JsonNode session) {
    return Instant.parse(session.get("expires_at").asString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"key\": \"agl_key_000000000000_0000000000000000000000000000000000000000000000000\"}",
        "{\"key\": \"secret text\"}",
        "{\"link\": \"0000000000000000000000000000000000000000000\"}",
        "{\"link\": \"secret text\"}"
      })
  void wrongCredentialStartsNoSession(String body) {
    Answer answer = Browser.post(here, body);

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
    assertThat(answer.header("Set-Cookie")).isEmpty();
    assertThat(answer.json().get("type").asString()).isEqualTo("/problems/unauthenticated");
    assertThat(answer.text()).doesNotContain("secret text");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"key\": \"a\", \"link\": \"b\"}", "{\"key\": null}"})
  void exactlyOneCredentialIsRequired(String body) {
    assertThat(Browser.post(here, body).status()).isEqualTo(400);
  }

  @Test
  void sessionIsValidOnEveryReplicaAndEndsThereToo() {
    Browser browser = Browser.signIn(here, createReader().text());
    Await.value(200, browser.on(elsewhere)::status);

    Answer signedOut = browser.on(elsewhere).signOut();

    assertThat(signedOut.status()).isEqualTo(204);
    assertThat(signedOut.header("Set-Cookie"))
        .isEqualTo("agent_lab_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    assertThat(browser.on(elsewhere).status()).isEqualTo(401);
    Await.value(401, browser::status);
    assertThat(browser.get("/api/session").json().get("detail").asString())
        .isEqualTo("the session has ended; sign in again");
  }

  @Test
  void revokedKeyEndsItsSessions() {
    Key key = createReader();
    Browser browser = Browser.signIn(here, key.text());
    Await.value(200, browser.on(elsewhere)::status);

    assertThat(here.client().delete("/api/keys/" + key.id()).status()).isEqualTo(204);

    assertThat(browser.status()).isEqualTo(401);
    Await.value(401, browser.on(elsewhere)::status);
    assertThat(browser.get("/api/session").json().get("detail").asString())
        .isEqualTo("the session has ended: the API key is not valid; it may have been revoked");
  }

  @Test
  void rotationEndsSessionsOfTheOldSecretAfterTheOverlap() {
    Key key = createReader();
    Browser browser = Browser.signIn(here, key.text());
    Key rotated =
        Key.of(
            here.client().post("/api/keys/%s/rotate".formatted(key.id()), "{\"overlap\": \"2s\"}"));
    assertThat(browser.status()).isEqualTo(200);

    Browser other = Browser.signIn(here, rotated.text());

    Await.value(401, browser::status);
    assertThat(other.status()).isEqualTo(200);
  }

  @Test
  void expiredKeyEndsItsSessions() {
    Key key =
        createKey(
            "\"agents:read\"", ", \"expires_at\": \"%s\"".formatted(Instant.now().plusSeconds(3)));
    Browser browser = Browser.signIn(here, key.text());
    assertThat(browser.status()).isEqualTo(200);

    Await.value(401, browser::status);
  }

  @Test
  void streamOfAnEndedSessionEnds() throws Exception {
    Browser browser = Browser.signIn(here, createKey("\"invoke\", \"agents:read\"").text());
    String agent = createSlowAgent();
    Await.value(200, browser.on(elsewhere)::status);
    try (RawHttpConnection wire = new RawHttpConnection(elsewhere.url().getPort())) {
      wire.send(
          "POST /api/agents/%s/chat HTTP/1.1\r\nContent-Type: application/json\r\nCookie: %s\r\nSec-Fetch-Site: same-origin"
              .formatted(agent, browser.cookie()),
          "{\"prompt\": \"Hi\"}");
      Await.until("the run has begun", () -> metric(elsewhere, "http_server_in_flight") > 1);

      assertThat(browser.signOut().status()).isEqualTo(204);

      RawHttpConnection.RawResponse answer = wire.readResponse();
      assertThat(answer.status()).as(answer.text()).isEqualTo(401);
      assertThat(answer.text()).contains("the session has ended");
    }
  }

  private String createSlowAgent() {
    Answer created =
        here.client()
            .post(
                "/api/agents",
                """
                {"name": "slow", "config": {"name": "x", "model": {"name": "m", "capabilities": {"chat": {}}},
                 "provider": {"name": "simulated", "options": {"reply": "a b c d", "time_per_token": "30s"}}}}\
                """);
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return created.json().get("id").asString();
  }

  private static double metric(TestServer server, String name) {
    return server
        .client()
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .sum();
  }

  @Test
  void headerTakesPrecedenceOverTheCookie() {
    Browser browser = Browser.signIn(here, createReader().text());

    Answer answer = here.client().get("/api/session", "Cookie", browser.cookie());
    Answer invalid =
        here.client()
            .withoutKey()
            .get("/api/session", "Cookie", browser.cookie(), "X-Api-Key", "none");

    assertThat(answer.json().get("caller").get("name").asString()).isEqualTo("admin");
    assertThat(answer.json().has("expires_at")).isFalse();
    assertThat(invalid.status()).isEqualTo(401);
    assertThat(browser.status()).isEqualTo(200);
  }

  @Test
  void tokenIsNotAcceptedInAHeaderNorAKeyInTheCookie() {
    Key key = createReader();
    Browser browser = Browser.signIn(here, key.text());

    assertThat(here.client().as(browser.token()).get("/api/session").status()).isEqualTo(401);
    assertThat(new Browser(here, Browser.COOKIE_NAME + "=" + key.text()).status()).isEqualTo(401);
  }

  @Test
  void linkSignsInOnceWithTheKeyThatMadeIt() {
    Key key = createReader();
    Answer created = here.client().as(key.text()).post("/api/session/links", "");
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    URI url = URI.create(created.json().get("url").asString());
    assertThat(url.toString()).startsWith(here.url() + "/sign-in#");
    assertThat(Duration.between(Instant.now(), expiry(created.json())))
        .isBetween(Duration.ofMinutes(9), Duration.ofMinutes(10));

    String body = "{\"link\": \"%s\"}".formatted(url.getFragment());
    Answer signedIn = Browser.post(elsewhere, body);

    assertThat(signedIn.json().get("caller").get("id").asString()).isEqualTo(key.id());
    assertThat(Browser.from(elsewhere, signedIn).status()).isEqualTo(200);
    assertThat(Browser.post(here, body).status()).isEqualTo(401);
    assertThat(here.client().delete("/api/keys/" + key.id()).status()).isEqualTo(204);
    Await.value(401, Browser.from(elsewhere, signedIn)::status);
  }

  @Test
  void sessionOfAKeyCanMakeLinks() {
    Browser browser = Browser.signIn(here, createReader().text());
    String token = linkToken(browser.post("/api/session/links", ""));

    Answer signedIn = Browser.post(here, "{\"link\": \"%s\"}".formatted(token));

    assertThat(signedIn.json().get("caller"))
        .isEqualTo(browser.get("/api/session").json().get("caller"));
  }

  private static String linkToken(Answer created) {
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return URI.create(created.json().get("url").asString()).getFragment();
  }

  @Test
  void linkUsedConcurrentlySignsInOnce() throws Exception {
    String token =
        linkToken(here.client().as(createReader().text()).post("/api/session/links", ""));
    Callable<Integer> use =
        () -> Browser.post(here, "{\"link\": \"%s\"}".formatted(token)).status();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Integer> statuses = new ArrayList<>();
      for (Future<Integer> status : threads.invokeAll(Collections.nCopies(8, use))) {
        statuses.add(status.get());
      }
      assertThat(statuses).containsOnlyOnce(201).containsOnly(201, 401);
    }
  }

  @Test
  void linkOfARevokedKeyIsRejected() {
    Key key = createReader();
    String token = linkToken(here.client().as(key.text()).post("/api/session/links", ""));
    here.client().delete("/api/keys/" + key.id());

    assertThat(Browser.post(here, "{\"link\": \"%s\"}".formatted(token)).status()).isEqualTo(401);
  }

  @Test
  void signInSignOutAndLinksAreRecorded() {
    Key key = createReader();
    String link = linkToken(here.client().as(key.text()).post("/api/session/links", ""));
    Browser browser = Browser.from(here, Browser.post(here, "{\"link\": \"%s\"}".formatted(link)));
    browser.signOut();

    JsonNode rows =
        Await.until(
            "the rows are chained",
            () -> here.client().get("/api/audit?caller=" + key.id()).json(),
            it -> it.get("data").size() == 3);

    assertThat(rows.get("data").valueStream().map(row -> row.get("action").asString()))
        .containsExactly("session.deleted", "session.created", "link.created");
    assertThat(rows.toString()).doesNotContain(link, browser.token(), key.text());
    assertThat(rows.get("data").get(1).get("address").asString()).isEqualTo("127.0.0.1");
  }

  @Test
  void databaseContainsNoTokenThatSignsIn() {
    String link = linkToken(here.client().post("/api/session/links", ""));
    Browser browser = Browser.signIn(here, here.adminKey());

    for (Map.Entry<String, String> table : here.dump().entrySet()) {
      assertThat(table.getValue()).as(table.getKey()).doesNotContain(link, browser.token());
    }
  }

  @Test
  void oldestSessionsOfAKeyAreEndedBeyondTheLimit() {
    Key key = createReader();
    Browser oldest = Browser.signIn(here, key.text());
    Browser next = Browser.signIn(here, key.text());
    for (int i = 0; i < 99; i++) {
      var _ = Browser.signIn(here, key.text());
    }

    assertThat(oldest.status()).isEqualTo(401);
    assertThat(next.status()).isEqualTo(200);
    Await.value(
        1,
        () ->
            here.client()
                .get("/api/audit?action=session.deleted&caller=" + key.id())
                .json()
                .get("total")
                .asInt());
  }

  @Test
  void newSignInEndsTheFormerSessionOfTheBrowser() {
    Browser former = Browser.signIn(here, createReader().text());
    Browser other = Browser.signIn(here, createReader().text());

    Answer signedIn =
        here.client()
            .withoutKey()
            .post(
                "/api/session",
                "{\"key\": \"%s\"}".formatted(createReader().text()),
                "Cookie",
                former.cookie(),
                "Origin",
                here.url().toString());

    assertThat(Browser.from(here, signedIn).status()).isEqualTo(200);
    assertThat(former.status()).isEqualTo(401);
    assertThat(other.status()).isEqualTo(200);
  }

  @Test
  void oldestLinksOfAKeyAreEndedBeyondTheLimit() {
    String key = createReader().text();
    List<String> links = new ArrayList<>();
    for (int i = 0; i < 21; i++) {
      links.add(linkToken(here.client().as(key).post("/api/session/links", "")));
    }

    assertThat(signInStatus(links.get(0))).isEqualTo(401);
    assertThat(signInStatus(links.get(1))).isEqualTo(201);
  }

  private int signInStatus(String link) {
    return Browser.post(here, "{\"link\": \"%s\"}".formatted(link)).status();
  }
}
