package dev.agentlab.keys;

import dev.agentlab.audit.AuditEntry;
import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.database.OutageLog;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.security.Caller;
import dev.agentlab.security.Grants;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The admin key in PostgreSQL.
final class PostgresAdminKey implements AdminKey {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresAdminKey.class);

  private static final String NAME = "admin";

  private final Database database;
  private final ChangeFeed changes;
  private final KeyedHash hash;
  private final PostgresKeyRows rows;
  private final AuditTrail audit;
  private final AdminKeyFile file;

  PostgresAdminKey(
      Database database, ChangeFeed changes, KeyHashes hashes, AuditTrail audit, Path file) {
    this.database = database;
    this.changes = changes;
    this.hash = hashes.texts();
    rows = new PostgresKeyRows(hashes.rows());
    this.audit = audit;
    this.file = new AdminKeyFile(file);
  }

  @Override
  public void ensure() throws InterruptedException {
    boolean made =
        OutageLog.waitOut(() ->
            making(connection -> isNeeded(connection) ? Optional.of(List.of()) : Optional.empty()));
    if (made) {
      LOG.atInfo()
          .addKeyValue("file", file.path())
          .log("made the admin key, which may do everything; its file is for its owner only");
    }
  }

  @Override
  public Path reset() {
    boolean _ = making(connection -> Optional.of(revokeAll(connection)));
    LOG.atInfo().addKeyValue("file", file.path()).log("made a new admin key");
    return file.path();
  }

  /// Also those that only the database says are revoked.
  private List<AuditEntry> revokeAll(Connection connection) throws SQLException {
    Instant now = PostgresKeyRows.precise(Instant.now());
    List<AuditEntry> entries = new ArrayList<>();
    for (KeyRow row : rows.lockAdmins(connection)) {
      if (row.status() != ApiKey.Status.REVOKED) {
        KeyRow revoked = rows.update(connection, row.rights().revoked(now));
        entries.add(KeyAuditEntries.revoked(row, revoked));
      }
    }
    return entries;
  }

  /// Makes a key. Its file is there before the key is, so that no key is ever made that nobody has.
  /// A failure leaves the file as it was, unless nobody can say whether the key was made.
  ///
  /// @param before makes room for it and tells what that has changed; empty if none is needed
  /// @return whether it was made
  private boolean making(Database.Work<Optional<List<AuditEntry>>> before) {
    ApiKeyToken text = ApiKeyToken.random(KeyType.ADMIN);
    UUID id = UUID.randomUUID();
    // What the file held, once another has been written over it.
    AtomicReference<Optional<Optional<String>>> overwritten =
        new AtomicReference<>(Optional.empty());
    Database.Work<Boolean> work =
        connection -> {
          lock(connection);
          file.deleteDrafts();
          Optional<List<AuditEntry>> changed = before.run(connection);
          if (changed.isEmpty()) {
            return false;
          }
          insert(connection, id, text, changed.get());
          // After the record: a reset that cannot be recorded leaves the file as it was.
          Optional<String> former = file.text();
          file.write(text);
          overwritten.compareAndSet(Optional.empty(), Optional.of(former));
          return true;
        };
    try {
      return changes.changing(PostgresKeyRows.TABLE, id, () -> database.write(work));
    } catch (RuntimeException e) {
      Optional<Optional<String>> former = overwritten.get();
      Optional<Boolean> made = former.isPresent() ? isMade(id, e) : Optional.of(false);
      if (made.orElse(false)) {
        return true;
      }
      if (made.isPresent() && former.isPresent()) {
        file.restoreAfter(e, former.get());
      }
      throw e;
    }
  }

  private void insert(Connection connection, UUID id, ApiKeyToken text, List<AuditEntry> changed)
      throws SQLException {
    KeyRights rights =
        KeyRights.made(id, text, hash.of(text.bytes()), Grants.EVERYTHING, Optional.empty());
    KeyRow made = rows.insert(connection, rights, NAME, Caller.SERVICE.id());
    for (AuditEntry entry : changed) {
      audit.record(connection, entry);
    }
    audit.record(connection, KeyAuditEntries.created(made));
  }

  /// Whether the key is there although its commit was not heard to succeed; empty if that cannot be
  /// said.
  private Optional<Boolean> isMade(UUID id, RuntimeException failure) {
    try {
      return Optional.of(database.read(connection -> rows.find(connection, id)).isPresent());
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
      return Optional.empty();
    }
  }

  /// Until the transaction ends nobody else makes an admin key.
  private static void lock(Connection connection) throws SQLException {
    try (PreparedStatement lock =
        connection.prepareStatement("LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE")) {
      lock.execute();
    }
  }

  private static boolean isNeeded(Connection connection) throws SQLException {
    try (PreparedStatement select =
            connection.prepareStatement("SELECT NOT EXISTS (SELECT FROM api_keys)");
        ResultSet row = select.executeQuery()) {
      row.next();
      return row.getBoolean(1);
    }
  }
}
