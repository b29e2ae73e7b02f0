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
class WipedTrailIT {
  private static final String WIPE =
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

  private static JsonNode verify(TestServer server) {
    return server.client().post("/api/audit/verify", "{}").json();
  }

  private static void createKey(TestServer server) {
    assertThat(
            server
                .client()
                .post("/api/keys", "{\"name\": \"x\", \"scopes\": [\"agents:read\"]}")
                .status())
        .isEqualTo(201);
  }

  @Test
  void wipedTrailIsDetectedAfterARestart() {
    TestServer first = new TestServer(database);
    first.start();
    createKey(first);
    first.stop();
    first.execute(WIPE);
    TestServer second = new TestServer(database);
    second.start();
    try {
      JsonNode report = verify(second);
      assertThat(report.get("intact").asBoolean()).as(report.toString()).isFalse();
      assertThat(report.at("/first_broken/why").asString()).contains("continued to 2");
      createKey(second);
      Await.value(2, () -> verify(second).at("/first_broken/seq").asInt());
    } finally {
      second.stop();
    }
  }

  @Test
  void wipedTrailIsDetectedWhileTheServiceRuns() {
    TestServer server = new TestServer(database);
    server.start();
    try {
      createKey(server);
      Await.value(0, () -> verify(server).get("unchained").asInt());
      assertThat(verify(server).get("intact").asBoolean()).isTrue();
      server.execute(WIPE);
      assertThat(verify(server).at("/first_broken/seq").asInt()).isEqualTo(1);
    } finally {
      server.stop();
    }
  }
}
