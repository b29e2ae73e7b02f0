package dev.agentlab.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.Await;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Deletes the audit trail with the statements of SECURITY.md, while the service runs and while it
/// is stopped.
class TrailDeletionIT {
  private static final String DELETE_TRAIL =
      """
      ALTER TABLE audit DISABLE TRIGGER USER;
      ALTER TABLE audit_unchained DISABLE TRIGGER USER;
      ALTER TABLE audit_head DISABLE TRIGGER USER;
      TRUNCATE audit, audit_unchained;
      UPDATE audit_head SET seq = 0, hash = decode(repeat('00', 32), 'hex'), mac = '';
      ALTER TABLE audit ENABLE ALWAYS TRIGGER audit_kept;
      ALTER TABLE audit_unchained ENABLE ALWAYS TRIGGER audit_unchained_kept;
      ALTER TABLE audit_unchained ENABLE ALWAYS TRIGGER audit_unchained_moved;
      ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_kept;
      ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_moves_on
      """;

  private final DatabaseSettings database = TestPostgres.migratedDatabase();

  private static JsonNode verify(TestServer server, String body) {
    return server.client().post("/api/audit/verify", body).json();
  }

  private static void createKey(TestServer server) {
    assertThat(
            server
                .client()
                .post("/api/keys", "{\"name\": \"x\", \"scopes\": [\"agents:read\"]}")
                .status())
        .isEqualTo(201);
  }

  /// An emptied trail cannot be distinguished from a new one within the database.
  @Test
  void deletedTrailLacksTheExpectedHeadEvenAfterARestart() {
    TestServer first = new TestServer(database);
    first.start();
    createKey(first);
    Await.value(0, () -> verify(first, "{}").get("unchained").asInt());
    String expected = "{\"expected\": %s}".formatted(verify(first, "{}").get("head"));
    assertThat(verify(first, expected).get("intact").asBoolean()).isTrue();

    first.execute(DELETE_TRAIL);

    assertThat(verify(first, "{}").get("intact").asBoolean()).isTrue();
    assertThat(verify(first, expected).at("/unexpected/seq").asInt()).isEqualTo(2);
    first.stop();
    TestServer second = new TestServer(database);
    second.start();
    try {
      createKey(second);
      JsonNode report = verify(second, expected);
      assertThat(report.get("intact").asBoolean()).as(report.toString()).isFalse();
      assertThat(report.at("/unexpected/seq").asInt()).isEqualTo(2);
    } finally {
      second.stop();
    }
  }
}
