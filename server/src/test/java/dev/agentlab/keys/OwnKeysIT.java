package dev.agentlab.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.Await;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/// The keys that callers make for themselves, on two replicas.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OwnKeysIT {
  private final DatabaseSettings database = TestPostgres.migratedDatabase();
  @RegisterExtension private final TestServer here = new TestServer(database);
  @RegisterExtension private final TestServer elsewhere = new TestServer(database);
  private final KeyApi keys = new KeyApi(here);
  private final KeyApi others = new KeyApi(elsewhere);

  private static Answer post(TestClient client, String scope, String more) {
    return client.post(
        "/api/me/keys", "{\"name\": \"mine\", \"scopes\": [\"%s\"]%s}".formatted(scope, more));
  }

  private static KeyApi.CreatedKey create(TestClient client, String scope) {
    return KeyApi.CreatedKey.of(post(client, scope, ""));
  }

  private static List<String> ids(TestClient client) {
    return client
        .get("/api/me/keys")
        .json()
        .get("data")
        .valueStream()
        .map(it -> it.get("id").asString())
        .toList();
  }

  private JsonNode find(String id) {
    return keys.admin().get("/api/keys/" + id).json();
  }

  @Test
  void callerWithoutAdminScopeMakesListsRotatesAndRevokesItsKeys() {
    KeyApi.CreatedKey owner = keys.create("invoke");
    TestClient client = keys.as(owner.key());

    KeyApi.CreatedKey first = create(client, "invoke:model/p/m*");
    KeyApi.CreatedKey second = create(client, "invoke");
    Answer rotated =
        client.post("/api/me/keys/%s/rotate".formatted(first.id()), "{\"overlap\": \"0s\"}");
    Answer revoked = client.delete("/api/me/keys/" + second.id());

    assertThat(first.json().get("owner_id").asString()).isEqualTo(owner.id());
    assertThat(first.json().get("created_by").asString()).isEqualTo(owner.id());
    assertThat(rotated.status()).as(rotated.text()).isEqualTo(200);
    assertThat(keys.selfStatus(first.key())).isEqualTo(401);
    assertThat(keys.selfStatus(rotated.json().get("key").asString())).isEqualTo(200);
    assertThat(revoked.status()).isEqualTo(204);
    assertThat(keys.selfStatus(second.key())).isEqualTo(401);
    assertThat(ids(client)).containsExactly(second.id(), first.id());
    assertThat(client.get("/api/me/keys?page_size=1&page=2").json().toString())
        .contains(first.id(), "\"total\":2")
        .doesNotContain(second.id(), "\"key\":");
    assertThat(client.get("/api/keys").status()).isEqualTo(403);
  }

  @Test
  void keyOfAnotherCallerIsNotFound() {
    KeyApi.CreatedKey owned = create(keys.as(keys.create("invoke").key()), "invoke");
    KeyApi.CreatedKey unowned = keys.create("invoke");
    TestClient stranger = keys.as(keys.create("invoke").key());

    for (String id : List.of(owned.id(), unowned.id(), UUID.randomUUID().toString())) {
      assertThat(stranger.delete("/api/me/keys/" + id).status()).isEqualTo(404);
      assertThat(stranger.post("/api/me/keys/%s/rotate".formatted(id), "{}").status())
          .isEqualTo(404);
      assertThat(stranger.get("/api/me/calls?key=" + id).status()).isEqualTo(404);
    }
    assertThat(ids(stranger)).isEmpty();
    assertThat(keys.selfStatus(owned.key())).isEqualTo(200);
  }

  @Test
  void keyHasOnlyScopesOfItsOwner() {
    TestClient client = keys.as(keys.create("invoke:model/p/*").key());

    assertThat(post(client, "invoke", "").status()).isEqualTo(403);
    assertThat(post(client, "keys:admin", "").status()).isEqualTo(403);
    assertThat(post(client, "invoke:model/p/m", "").status()).isEqualTo(201);
  }

  @Test
  void ownedKeyMakesNoKeys() {
    KeyApi.CreatedKey owned = create(keys.as(keys.create("invoke").key()), "invoke");

    Answer refused = post(keys.as(owned.key()), "invoke", "");

    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.json().get("detail").asString()).contains("made under My keys");
    assertThat(ids(keys.as(owned.key()))).isEmpty();
  }

  @Test
  void revokedOwnerEndsItsKeysOnEveryReplica() {
    KeyApi.CreatedKey owner = keys.create("invoke");
    KeyApi.CreatedKey owned = create(keys.as(owner.key()), "invoke");
    KeyApi.CreatedKey other = create(keys.as(keys.create("invoke").key()), "invoke");
    Await.value(200, () -> others.selfStatus(owned.key()));

    keys.revoke(owner.id());

    assertThat(keys.selfStatus(owned.key())).isEqualTo(401);
    Await.value(401, () -> others.selfStatus(owned.key()));
    assertThat(find(owned.id()).get("status").asString()).isEqualTo("revoked");
    assertThat(others.selfStatus(other.key())).isEqualTo(200);
    awaitRevocation(owned);
  }

  @Test
  void rotationWithoutOverlapRevokesOwnedKeys() {
    KeyApi.CreatedKey owner = keys.create("invoke");
    KeyApi.CreatedKey owned = create(keys.as(owner.key()), "invoke");

    Answer kept = rotate(owner, "1h");
    assertThat(kept.status()).as(kept.text()).isEqualTo(200);
    assertThat(keys.selfStatus(owned.key())).isEqualTo(200);
    Answer rotated = rotate(owner, "0s");

    assertThat(rotated.status()).as(rotated.text()).isEqualTo(200);
    assertThat(keys.selfStatus(rotated.json().get("key").asString())).isEqualTo(200);
    assertThat(keys.selfStatus(owned.key())).isEqualTo(401);
    assertThat(find(owned.id()).get("status").asString()).isEqualTo("revoked");
    Await.value(401, () -> others.selfStatus(owned.key()));
    awaitRevocation(owned);
  }

  private Answer rotate(KeyApi.CreatedKey key, String overlap) {
    return keys.admin()
        .post(
            "/api/keys/%s/rotate".formatted(key.id()), "{\"overlap\": \"%s\"}".formatted(overlap));
  }

  /// Waits until the audit trail has the revocation of a key.
  private void awaitRevocation(KeyApi.CreatedKey key) {
    Await.value(
        1,
        () ->
            keys.admin()
                .get("/api/audit?action=key.revoked&resource=" + key.id())
                .json()
                .get("total")
                .asInt());
  }

  @Test
  void keyOfAnOwnerThatIsNotActiveIsRefused() {
    KeyApi.CreatedKey owner = keys.create("invoke");
    KeyApi.CreatedKey owned = create(keys.as(owner.key()), "invoke");

    here.execute("DELETE FROM api_keys WHERE id = '%s'".formatted(owner.id()));

    Await.value(401, () -> keys.selfStatus(owned.key()));
    Await.value(401, () -> others.selfStatus(owned.key()));
  }

  @Test
  void keyExpiresWithItsOwner() {
    String end = Instant.now().plusSeconds(3).toString();
    KeyApi.CreatedKey owner = keys.create("invoke", end);
    TestClient client = keys.as(owner.key());

    KeyApi.CreatedKey owned = create(client, "invoke");
    Answer late = post(client, "invoke", KeyApi.expiresAtMember("2999-01-01T00:00:00Z"));

    assertThat(owned.json().get("expires_at")).isEqualTo(owner.json().get("expires_at"));
    assertThat(late.status()).isEqualTo(400);
    Await.value(401, () -> others.selfStatus(owned.key()));
    assertThat(find(owned.id()).get("status").asString()).isEqualTo("expired");
  }

  @Test
  void concurrentRequestsDoNotExceedTheLimit() throws Exception {
    TestClient client = keys.as(keys.create("invoke").key());
    List<Future<Answer>> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < Keys.MAX_OWN_KEYS + 5; i++) {
        answers.add(threads.submit(() -> postAlone(client)));
      }
    }
    List<Integer> statuses = new ArrayList<>();
    for (Future<Answer> answer : answers) {
      statuses.add(answer.get().status());
    }

    assertThat(statuses).filteredOn(it -> it == 201).hasSize(Keys.MAX_OWN_KEYS);
    assertThat(statuses).filteredOn(it -> it == 409).hasSize(5);
    Answer refused = post(client, "invoke", "");
    assertThat(refused.json().get("type").asString()).endsWith("key-limit");
    assertThat(client.delete("/api/me/keys/" + ids(client).getFirst()).status()).isEqualTo(204);
    assertThat(post(client, "invoke", "").status()).isEqualTo(201);
  }

  /// Creates a key when no other request of the owner does so.
  private static Answer postAlone(TestClient client) {
    return Await.until(
        "no other request creates a key",
        () -> post(client, "invoke", ""),
        it -> !it.text().contains("another request"));
  }

  @Test
  void revokedKeysCountTowardsTheLimitOfADay() {
    TestClient client = keys.as(keys.create("invoke").key());
    for (int i = 0; i < Keys.MAX_OWN_KEYS_PER_DAY; i++) {
      assertThat(client.delete("/api/me/keys/" + create(client, "invoke").id()).status())
          .isEqualTo(204);
    }

    Answer refused = post(client, "invoke", "");

    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.json().get("detail").asString()).contains("100 keys", "24 hours");
    here.execute("UPDATE api_keys SET created_at = created_at - interval '24 hours'");
    assertThat(post(client, "invoke", "").status()).isEqualTo(201);
  }

  @Test
  void keyWithModifiedOwnerIsInvalid() {
    KeyApi.CreatedKey owner = keys.create("invoke");
    KeyApi.CreatedKey freed = create(keys.as(owner.key()), "invoke");
    KeyApi.CreatedKey adopted = keys.create("invoke");

    keys.tamper(freed.id(), "owner = NULL");
    keys.tamper(adopted.id(), "owner = 'key:%s'".formatted(owner.id()));

    Await.value(401, () -> keys.selfStatus(freed.key()));
    Await.value(401, () -> keys.selfStatus(adopted.key()));
    assertThat(find(freed.id()).get("status").asString()).isEqualTo("invalid");
    assertThat(keys.selfStatus(owner.key())).isEqualTo(200);
  }

  @Test
  void scopesAreListedWithTheirMeaning() {
    JsonNode scopes = keys.as(keys.create("invoke").key()).get("/api/scopes").json().get("data");

    assertThat(scopes.valueStream().map(it -> it.get("scope").asString()))
        .containsExactlyElementsOf(
            TestServer.scopes().all().stream().map(it -> it.text()).toList());
    assertThat(scopes.valueStream().map(it -> it.get("description").asString()))
        .noneMatch(String::isEmpty);
    assertThat(scopes.valueStream().map(it -> it.toString()).filter(it -> it.contains("proxy:")))
        .containsExactly(
            "{\"scope\":\"proxy\",\"description\":\"using the raw API of every provider\","
                + "\"restrictions\":[{\"form\":\"proxy:<provider name>\",\"description\":"
                + "\"using the raw API of one registered provider\"}]}");
  }
}
