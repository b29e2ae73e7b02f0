package dev.agentlab.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.Await;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/// The lifecycle of API keys on two replicas.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeysIT {
  private final DatabaseSettings database = TestPostgres.migratedDatabase();
  @RegisterExtension private final TestServer here = new TestServer(database);
  @RegisterExtension private final TestServer elsewhere = new TestServer(database);
  private final KeyApi keys = new KeyApi(here);
  private final KeyApi others = new KeyApi(elsewhere);

  @Test
  void misspeltScopesIsReportedWithTheMissingMember() {
    Answer refused = keys.admin().post("/api/keys", "{\"name\": \"x\", \"scope\": [\"invoke\"]}");

    assertThat(refused.json().get("detail").asString())
        .isEqualTo("scope: is unknown; did you mean scopes?; scopes: is required");
  }

  @Test
  void newKeyIsReturnedOnceAndValidOnEveryReplica() {
    KeyApi.CreatedKey created = keys.create("agents:read,invoke");

    assertThat(created.json().get("status").asString()).isEqualTo("active");
    assertThat(created.json().get("type").asString()).isEqualTo("key");
    assertThat(created.key()).startsWith(created.json().get("prefix").asString() + "_");
    assertThat(keys.selfStatus(created.key())).isEqualTo(200);
    Await.value(200, () -> others.selfStatus(created.key()));
    JsonNode read = keys.admin().get("/api/keys/" + created.id()).json();
    assertThat(read.has("key")).isFalse();
    assertThat(keys.listAll()).contains(created.id()).doesNotContain(created.key());
    assertThat(here.stored("SELECT api_keys::text FROM api_keys WHERE id = ?", created.id()))
        .doesNotContain(created.key().substring(created.key().length() - 49));
  }

  @Test
  void selfReturnsTheCaller() {
    KeyApi.CreatedKey created = keys.create("invoke,agents:read,agents:read");
    JsonNode self = keys.as(created.key()).get("/api/keys/self").json();

    assertThat(self.toString())
        .isEqualTo(
            "{\"kind\":\"key\",\"id\":\"%s\",\"name\":\"a key\",\"scopes\":[\"agents:read\",\"invoke\"]}"
                .formatted(created.id()));
  }

  @Test
  void allErrorsOfAKeyInputAreReportedTogether() {
    Answer answer =
        keys.admin()
            .post(
                "/api/keys",
                """
                {"name": " x", "scopes": ["agents:read", "all", "invoke:missing", "open", "known"],
                 "expires_at": "2020-01-01T00:00:00Z"}\
                """);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("errors").valueStream().map(it -> it.get("field").asString()))
        .containsExactly("name", "scopes[1]", "scopes[2]", "scopes[3]", "scopes[4]", "expires_at");
    assertThat(keys.admin().post("/api/keys", "{\"name\": \"x\", \"scopes\": []}").status())
        .isEqualTo(400);
  }

  @Test
  void agentScopeAcceptsNameOrIdAndStoresTheId() {
    String id = keys.createAgent("the agent");
    for (String scope :
        List.of(
            "invoke:the agent",
            "invoke:agent/the agent",
            "invoke:" + id,
            "invoke:agent/" + id,
            "invoke:" + id.toUpperCase(Locale.ROOT))) {
      assertThat(keys.create(scope).json().at("/scopes/0").asString()).isEqualTo("invoke:" + id);
    }
  }

  @Test
  void scopesOfProvidersAndModelsAreStoredByName() {
    List<String> scopes =
        List.of(
            "invoke:model/not registered/meta-llama/*",
            "invoke:model/p/gpt-4o",
            "invoke:provider/a%2Fb 100%25 ü",
            "proxy:p");
    KeyApi.CreatedKey created = keys.create(String.join(",", scopes));

    assertThat(texts(created.json())).isEqualTo(scopes);
    assertThat(texts(keys.admin().get("/api/keys/" + created.id()).json())).isEqualTo(scopes);
    assertThat(texts(keys.as(created.key()).get("/api/keys/self").json())).isEqualTo(scopes);
  }

  private static List<String> texts(JsonNode key) {
    return key.get("scopes").valueStream().map(JsonNode::asString).toList();
  }

  @Test
  void invalidRestrictionsAreReportedWithTheirFields() {
    Answer answer =
        keys.post(
            keys.admin(), "invoke:model/p,invoke:provider/a/b,proxy:100%,invoke:models/p/x", "");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("errors").valueStream().map(it -> it.get("field").asString()))
        .containsExactly("scopes[0]", "scopes[1]", "scopes[2]", "scopes[3]");
    assertThat(answer.text())
        .contains("invoke:model/<provider name>/<model pattern>", "no agent has the id or name");
  }

  @Test
  void keyCannotExceedTheProvidersAndModelsOfItsCreator() {
    KeyApi.CreatedKey maker = keys.create("keys:admin,invoke:provider/p,invoke:model/q/gpt-*");

    for (String allowed : List.of("invoke:model/p/any", "invoke:model/q/gpt-4*")) {
      assertThat(keys.post(keys.as(maker.key()), allowed, "").status()).isEqualTo(201);
    }
    for (String exceeding : List.of("invoke", "invoke:provider/q", "invoke:model/q/*", "proxy:p")) {
      Answer refused = keys.post(keys.as(maker.key()), exceeding, "");
      assertThat(refused.status()).isEqualTo(403);
      assertThat(refused.json().get("detail").asString()).endsWith("lacks " + exceeding);
    }
  }

  @Test
  void keyCannotExceedTheScopesOfItsCreator() {
    KeyApi.CreatedKey maker = keys.create("keys:admin,agents:read");
    KeyApi.CreatedKey wide = keys.create("keys:admin,invoke");
    KeyApi.CreatedKey narrow = keys.create("agents:read");

    Answer refused = keys.post(keys.as(maker.key()), "agents:read,invoke", "");
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.json().get("detail").asString()).contains("lacks invoke");
    assertThat(keys.post(keys.as(maker.key()), "agents:read", "").status()).isEqualTo(201);
    assertThat(keys.as(maker.key()).post("/api/keys/%s/rotate".formatted(wide.id()), "{}").status())
        .isEqualTo(403);
    assertThat(
            keys.as(maker.key()).post("/api/keys/%s/rotate".formatted(narrow.id()), "{}").status())
        .isEqualTo(200);
  }

  @Test
  void keyCannotExpireAfterTheKeyOfItsCreator() {
    String end = "2100-01-01T00:00:00Z";
    Answer maker = keys.post(keys.admin(), "keys:admin", ", \"expires_at\": \"%s\"".formatted(end));
    TestClient client = keys.as(maker.json().get("key").asString());

    for (String longer : List.of("", ", \"expires_at\": \"2100-01-01T00:00:01Z\"")) {
      Answer refused = keys.post(client, "keys:admin", longer);
      assertThat(refused.status()).as(refused.text()).isEqualTo(400);
      assertThat(refused.text()).contains("expires_at", "must not be after " + end);
    }
    assertThat(keys.post(client, "keys:admin", ", \"expires_at\": \"%s\"".formatted(end)).status())
        .isEqualTo(201);
  }

  @Test
  void keyIsRotatedOnlyByCallersThatCouldCreateIt() {
    List<String> ends =
        List.of("", "2100-01-01T00:00:00Z", "2100-01-01T00:00:00.000001Z", "2101-01-01T00:00:00Z");
    List<String> scopes = List.of("keys:admin", "keys:admin,invoke");
    for (String callerEnd : ends) {
      for (String callerScopes : scopes) {
        KeyApi.CreatedKey caller = keys.create(callerScopes, callerEnd);
        TestClient client = keys.as(caller.key());
        for (String end : ends) {
          for (String scope : scopes) {
            KeyApi.CreatedKey key = keys.create(scope, end);
            Answer created = keys.post(client, scope, KeyApi.expiresAtMember(end));
            Answer rotated = client.post("/api/keys/%s/rotate".formatted(key.id()), "{}");

            assertThat(rotated.status())
                .as("%s to %s by %s to %s: %s", scope, end, callerScopes, callerEnd, rotated.text())
                .isEqualTo(created.status() == 201 ? 200 : created.status());
          }
        }
        assertThat(client.post("/api/keys/%s/rotate".formatted(caller.id()), "{}").status())
            .as("itself")
            .isEqualTo(200);
      }
    }
  }

  @Test
  void rejectedRotationKeepsTheKeyValid() {
    KeyApi.CreatedKey endless = keys.create("agents:read");
    String end = "2100-01-01T00:00:00Z";
    KeyApi.CreatedKey expiring = keys.create("keys:admin,agents:read", end);

    Answer refused =
        keys.as(expiring.key())
            .post("/api/keys/%s/rotate".formatted(endless.id()), "{\"overlap\": \"0s\"}");

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text()).contains("expires_at", "must not be after " + end);
    assertThat(keys.selfStatus(endless.key())).isEqualTo(200);
  }

  @Test
  void oldSecretIsValidUntilTheOverlapEnds() {
    KeyApi.CreatedKey first = keys.create("agents:read");
    KeyApi.CreatedKey second = keys.rotate(first.id(), "{}");

    assertThat(Instant.parse(second.json().get("previous_expires_at").asString()))
        .isBetween(Instant.now().plusSeconds(86_000), Instant.now().plusSeconds(86_500));
    assertThat(keys.selfStatus(first.key())).isEqualTo(200);
    assertThat(keys.selfStatus(second.key())).isEqualTo(200);

    KeyApi.CreatedKey third = keys.rotate(first.id(), "{\"overlap\": \"1h\"}");
    assertThat(keys.selfStatus(first.key())).isEqualTo(401);
    assertThat(keys.selfStatus(second.key())).isEqualTo(200);
    assertThat(keys.selfStatus(third.key())).isEqualTo(200);

    KeyApi.CreatedKey fourth = keys.rotate(first.id(), "{\"overlap\": \"0s\"}");
    assertThat(fourth.json().has("previous_expires_at")).isFalse();
    assertThat(keys.selfStatus(third.key())).isEqualTo(401);
    assertThat(keys.selfStatus(fourth.key())).isEqualTo(200);

    KeyApi.CreatedKey fifth = keys.rotate(first.id(), "{\"overlap\": \"300ms\"}");
    Await.value(401, () -> keys.selfStatus(fourth.key()));
    assertThat(keys.selfStatus(fifth.key())).isEqualTo(200);
  }

  @Test
  void overlapOutOfBoundsIsRejected() {
    String path = "/api/keys/%s/rotate".formatted(keys.create("agents:read").id());
    for (String overlap : List.of("-1s", "721h", "a day", "")) {
      Answer answer = keys.admin().post(path, "{\"overlap\": \"%s\"}".formatted(overlap));
      assertThat(answer.status()).as(overlap).isEqualTo(400);
      assertThat(answer.text()).contains("720h");
    }
    assertThat(keys.admin().post(path, "{\"overlap\": \"720h\"}").status()).isEqualTo(200);
  }

  @Test
  void revokedKeyIsRejectedOnEveryReplicaWithinASecond() {
    for (int i = 0; i < 20; i++) {
      KeyApi.CreatedKey created = keys.create("agents:read");
      Await.value(200, () -> others.selfStatus(created.key()));
      keys.revoke(created.id());
      long revoked = System.nanoTime();

      assertThat(keys.selfStatus(created.key())).isEqualTo(401);
      long lastRequest = System.nanoTime();
      while (others.selfStatus(created.key()) == 200) {
        lastRequest = System.nanoTime();
      }
      assertThat(Duration.ofNanos(lastRequest - revoked)).isLessThan(Duration.ofSeconds(1));
    }
  }

  @Test
  void revokedKeyCannotBeRotated() {
    KeyApi.CreatedKey created = keys.create("agents:read");
    keys.revoke(created.id());
    keys.revoke(created.id());

    Answer rotated = keys.admin().post("/api/keys/%s/rotate".formatted(created.id()), "{}");
    assertThat(rotated.status()).isEqualTo(409);
    assertThat(rotated.json().get("type").asString()).isEqualTo("/problems/key-ended");
    JsonNode read = keys.admin().get("/api/keys/" + created.id()).json();
    assertThat(read.get("status").asString()).isEqualTo("revoked");
    assertThat(read.has("revoked_at")).isTrue();
    assertThat(keys.admin().delete("/api/keys/" + UUID.randomUUID()).status()).isEqualTo(404);
  }

  @Test
  void expiredKeyIsRejectedWithTheReason() {
    String end = Instant.now().plusSeconds(3).toString();
    Answer created =
        keys.post(keys.admin(), "agents:read", ", \"expires_at\": \"%s\"".formatted(end));
    String key = created.json().get("key").asString();
    assertThat(keys.selfStatus(key)).isEqualTo(200);
    Await.value(401, () -> keys.selfStatus(key));

    assertThat(keys.as(key).get("/api/agents").text())
        .contains("expired at " + created.json().get("expires_at").asString());
    assertThat(keys.as(KeyApi.withOtherSecret(key)).get("/api/agents").text())
        .doesNotContain("expired");
    assertThat(keys.admin().get("/api/keys/" + created.json().get("id").asString()).text())
        .contains("\"expired\"");
  }

  @Test
  void unknownAndRevokedKeysGetTheSameError() {
    KeyApi.CreatedKey created = keys.create("agents:read");
    keys.revoke(created.id());

    String revoked = keys.as(created.key()).get("/api/agents").json().get("detail").asString();
    for (String key : List.of(KeyApi.unknownKey(), KeyApi.withOtherSecret(here.adminKey()))) {
      assertThat(keys.as(key).get("/api/agents").json().get("detail").asString())
          .isEqualTo(revoked);
    }
  }

  @Test
  void lastUseOfAKeyIsWrittenOncePerMinute() {
    KeyApi.CreatedKey created = keys.create("agents:read");
    assertThat(keys.admin().get("/api/keys/" + created.id()).json().has("last_used_at")).isFalse();
    keys.selfStatus(created.key());

    String first = awaitLastUse(created);
    keys.selfStatus(created.key());
    // A write may be in progress; the next write includes all uses recorded before it.
    for (int round = 0; round < 2; round++) {
      KeyApi.CreatedKey other = keys.create("agents:read");
      keys.selfStatus(other.key());
      assertThat(awaitLastUse(other)).isNotEmpty();
    }
    assertThat(awaitLastUse(created)).isEqualTo(first);
  }

  /// Waits until the last use of a key is written, and returns it.
  private String awaitLastUse(KeyApi.CreatedKey key) {
    return Await.until(
            "the last use is written",
            () -> keys.admin().get("/api/keys/" + key.id()).json(),
            it -> it.has("last_used_at"))
        .get("last_used_at")
        .asString();
  }

  @Test
  void authenticationSendsNoQuery() {
    KeyApi.CreatedKey good = keys.create("metrics:read");
    List<String> bad =
        List.of(
            KeyApi.unknownKey(),
            KeyApi.withOtherSecret(good.key()),
            KeyApi.withWrongChecksum(good.key()),
            "none");
    // Repeats if a use was written meanwhile, or the change feed was interrupted.
    Await.until(
        "no query is sent to the database",
        () -> {
          double before = countQueries(good.key());
          for (int i = 0; i < 200; i++) {
            assertThat(keys.selfStatus(bad.get(i % bad.size()))).isEqualTo(401);
            assertThat(keys.selfStatus(good.key())).isEqualTo(200);
          }
          return countQueries(good.key()) - before;
        },
        count -> count == 0);
  }

  /// The number of times that a database connection was used.
  private double countQueries(String key) {
    return keys.as(key)
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith("hikaricp_connections_usage_seconds_count"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
