package dev.agentlab.keys;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.agentlab.http.LogCapture;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.Await;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Modifies API keys, as an attacker with write access to the database but without the keys of the
/// service can.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeyTamperingIT {
  @RegisterExtension private final TestServer server = new TestServer();
  private final KeyApi keys = new KeyApi(server);

  /// A rotated key with an expiry, whose present and previous secrets are valid.
  private record RotatedKey(KeyApi.CreatedKey before, KeyApi.CreatedKey now) {
    String id() {
      return now.id();
    }
  }

  private RotatedKey createRotated() {
    Answer created =
        keys.post(
            keys.admin(), "agents:read,invoke", ", \"expires_at\": \"2999-01-01T00:00:00.1Z\"");
    String id = created.json().get("id").asString();
    KeyApi.CreatedKey before =
        new KeyApi.CreatedKey(id, created.json().get("key").asString(), created.json());
    RotatedKey rotated = new RotatedKey(before, keys.rotate(id, "{\"overlap\": \"1h\"}"));
    assertThat(keys.selfStatus(rotated.before().key())).isEqualTo(200);
    assertThat(keys.selfStatus(rotated.now().key())).isEqualTo(200);
    return rotated;
  }

  private String status(String id) {
    return keys.admin().get("/api/keys/" + id).json().get("status").asString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "scopes = '{keys:admin}'",
        "scopes = scopes || '{keys:admin}'",
        "scopes = '{\"agents:read,invoke\"}'",
        "scopes = '{{agents:read},{invoke}}'",
        "scopes = '{}'",
        "expires_at = NULL",
        "expires_at = expires_at + interval '1 microsecond'",
        "expires_at = 'infinity'",
        "previous_expires_at = previous_expires_at + interval '1 microsecond'",
        "previous_hash = NULL, previous_expires_at = NULL",
        "previous_hash = key_hash",
        "key_hash = previous_hash",
        "key_hash = previous_hash, previous_hash = key_hash",
        "type = 'admin'",
        "owner = 'token:someone'",
        "mac = ''",
        "mac = key_hash"
      })
  void keyWithModifiedRightsIsInvalid(String set) {
    RotatedKey key = createRotated();
    keys.tamper(key.id(), set);

    Await.value(401, () -> keys.selfStatus(key.now().key()));
    assertThat(keys.selfStatus(key.before().key())).isEqualTo(401);
    assertThat(status(key.id())).isEqualTo("invalid");
  }

  @Test
  void keyWithModifiedNameRemainsValid() {
    RotatedKey key = createRotated();
    keys.tamper(key.id(), "name = 'another', created_by = 'nobody', last_used_at = now()");

    Await.value(
        "another",
        () -> keys.as(key.now().key()).get("/api/keys/self").json().path("name").asString(""));
    assertThat(keys.selfStatus(key.before().key())).isEqualTo(200);
    assertThat(status(key.id())).isEqualTo("active");
  }

  @Test
  void keyCannotObtainTheRightsOfAnother() {
    KeyApi.CreatedKey narrow = keys.create("agents:read");
    KeyApi.CreatedKey wide = keys.create("keys:admin");
    server.execute(
        """
        WITH narrow AS (DELETE FROM api_keys WHERE id = '%s' RETURNING *)
        UPDATE api_keys SET key_id = narrow.key_id || ' ', key_hash = narrow.key_hash FROM narrow
        WHERE api_keys.id = '%s'
        """
            .formatted(narrow.id(), wide.id()));
    keys.tamper(wide.id(), "key_id = rtrim(key_id)");

    Await.value(401, () -> keys.selfStatus(wide.key()));
    assertThat(keys.selfStatus(narrow.key())).isEqualTo(401);
  }

  @Test
  void copiedKeyIsInvalid() {
    KeyApi.CreatedKey created = keys.create("agents:read");
    server.execute(
        """
        WITH gone AS (DELETE FROM api_keys WHERE id = '%s' RETURNING *)
        INSERT INTO api_keys (name, type, key_id, key_hash, scopes, created_by, mac)
        SELECT name, type, key_id || ' ', key_hash, scopes, created_by, mac FROM gone
        """
            .formatted(created.id()));
    server.execute("UPDATE api_keys SET key_id = rtrim(key_id)");

    Await.value(401, () -> keys.selfStatus(created.key()));
  }

  @Test
  void restoredRevokedKeyIsInvalidAndLoggedOnce() {
    KeyApi.CreatedKey created = keys.create("agents:read");
    keys.revoke(created.id());
    try (LogCapture log = LogCapture.of(PostgresActiveKeys.class)) {
      keys.tamper(created.id(), "revoked_at = NULL");
      Await.until(
          "the invalid row is logged",
          () -> keys.selfStatus(created.key()),
          _ -> loggedLevels(log, created.id()).contains(Level.ERROR));
      // Each new key reloads all rows.
      for (int i = 0; i < 3; i++) {
        assertThat(keys.selfStatus(keys.create("agents:read").key())).isEqualTo(200);
      }

      assertThat(keys.selfStatus(created.key())).isEqualTo(401);
      assertThat(loggedLevels(log, created.id())).containsExactly(Level.ERROR);
    }
  }

  private static List<Level> loggedLevels(LogCapture log, String id) {
    return log.lines().stream()
        .filter(line -> line.getKeyValuePairs().toString().contains(id))
        .map(line -> line.getLevel())
        .toList();
  }

  @Test
  void invalidKeyCannotBeRotated() {
    KeyApi.CreatedKey created = keys.create("agents:read");
    keys.tamper(created.id(), "scopes = '{keys:admin}'");

    Answer rotated = keys.admin().post("/api/keys/%s/rotate".formatted(created.id()), "{}");
    assertThat(rotated.status()).isEqualTo(409);
    assertThat(rotated.json().get("detail").asString()).contains("invalid");
    assertThat(status(created.id())).isEqualTo("invalid");
  }

  @Test
  void keyWithAForgedRevocationCanBeRevoked() {
    KeyApi.CreatedKey created = keys.create("agents:read");
    keys.tamper(created.id(), "revoked_at = now()");
    assertThat(status(created.id())).isEqualTo("invalid");
    keys.revoke(created.id());
    assertThat(status(created.id())).isEqualTo("revoked");

    keys.tamper(created.id(), "revoked_at = NULL");
    assertThat(status(created.id())).isEqualTo("invalid");
  }

  @Test
  void triggerCannotObtainAMacForOtherRights() {
    KeyApi.CreatedKey created = keys.create("agents:read");
    server.execute(
        """
        CREATE FUNCTION widen() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN NEW.scopes = '{keys:admin}'; RETURN NEW; END $$;
        CREATE TRIGGER widen BEFORE INSERT OR UPDATE OF key_hash ON api_keys
          FOR EACH ROW EXECUTE FUNCTION widen()
        """);
    try {
      assertThat(keys.post(keys.admin(), "agents:read", "").status()).isEqualTo(500);
      assertThat(keys.admin().post("/api/keys/%s/rotate".formatted(created.id()), "{}").status())
          .isEqualTo(500);
    } finally {
      server.execute("DROP FUNCTION widen CASCADE");
    }
    assertThat(keys.selfStatus(created.key())).isEqualTo(200);
  }
}
