package dev.agentlab.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.agentlab.database.Database;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.json.Json;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.security.Actor;
import dev.agentlab.security.Caller;
import dev.agentlab.security.GrantSet;
import dev.agentlab.vault.TestVault;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/// An audit trail in its own database, with methods to modify it outside the service.
final class TestTrail {
  static final Actor ACTOR =
      new Actor(
          new Caller(Caller.Kind.KEY, "k1", "laptop", GrantSet.NONE),
          Optional.of("192.0.2.7"),
          Optional.of("request-1"));

  final Database database = TestPostgres.startMigrated();
  final AuditChainWorker chain = chain();
  final AuditTrail trail = AuditTrail.of(key("the key"), chain);
  final AuditReader reader = reader(chain);

  /// Creates the keyed hash of an audit trail from a password.
  static KeyedHash key(String password) {
    return TestVault.keyedHash(Arrays.copyOf(password.getBytes(UTF_8), 32), "audit");
  }

  static ResourceState json(String text) {
    return ResourceState.of(Json.MAPPER.readTree(text.replace('\'', '"')));
  }

  static AuditEntry created(String name) {
    return AuditEntry.created(new AuditEntry.Resource("thing", "id of " + name, name), json("{}"));
  }

  static AuditEntry changed(String name) {
    return AuditEntry.changed(
        "changed",
        new AuditEntry.Resource("thing", "id of " + name, name),
        json("{'z': 1.0, 'a': [1e3, -0.0, null], 'text': 'ä\\u2028😀 \\\\ '}"),
        json("{'z': 1.10, 'a': [12345678901234567890.123]}"));
  }

  /// Creates the chain of another replica, or of a restarted service.
  AuditChainWorker chain() {
    return new AuditChainWorker(database, key("the key"));
  }

  AuditReader reader(AuditChainWorker chain) {
    return new AuditReader(database, key("the key"), new PageLimits(20, 100), chain);
  }

  /// Records a change and chains it.
  void record(AuditEntry entry) {
    recordUnchained(entry);
    chain.chain(true);
  }

  void recordUnchained(AuditEntry entry) {
    ACTOR.call(() ->
        database.write(connection -> {
          trail.record(connection, entry);
          return entry;
        }));
  }

  /// Records rows 1 to `rows`, alternating between changes and creations.
  TestTrail withRows(int rows) {
    for (int seq = 1; seq <= rows; seq++) {
      record(seq % 2 == 0 ? created("t" + seq) : changed("t" + seq));
    }
    return this;
  }

  VerificationReport verify() {
    return reader.verify(Optional.empty(), () -> true);
  }

  VerificationReport verify(AuditHead expected) {
    return reader.verify(Optional.of(expected), () -> true);
  }

  void execute(String sql) {
    database.write(connection -> {
      try (Statement statement = connection.createStatement()) {
        return statement.execute(sql);
      }
    });
  }

  /// Runs SQL with triggers disabled, as the owner of the tables can.
  void tamper(String sql) {
    execute(
        """
        ALTER TABLE audit DISABLE TRIGGER USER;
        ALTER TABLE audit_unchained DISABLE TRIGGER USER;
        ALTER TABLE audit_head DISABLE TRIGGER USER;
        %s;
        ALTER TABLE audit ENABLE ALWAYS TRIGGER audit_kept;
        ALTER TABLE audit_unchained ENABLE ALWAYS TRIGGER audit_unchained_kept;
        ALTER TABLE audit_unchained ENABLE ALWAYS TRIGGER audit_unchained_moved;
        ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_kept;
        ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_moves_on\
        """
            .formatted(sql));
  }

  void stop() throws Exception {
    database.stop(Duration.ofSeconds(5));
  }
}
