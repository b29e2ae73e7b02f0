package dev.agentlab.keys;

import dev.agentlab.audit.AuditEntry;
import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.database.OutageRetry;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.security.Caller;
import dev.agentlab.security.GrantableScopes;
import dev.agentlab.security.KeyReference;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The admin key: the operator's API key with all scopes, in a file that only its owner can read.
public final class PostgresAdminKey {
  /// The name of the key file in the data directory.
  public static final String FILE_NAME = "admin.key";

  private static final Logger LOG = LoggerFactory.getLogger(PostgresAdminKey.class);

  private static final String NAME = "admin";

  private final Database database;
  private final ChangeFeed changes;
  private final KeyedHash hash;
  private final PostgresKeyRows rows;
  private final GrantableScopes scopes;
  private final AuditTrail audit;
  private final AdminKeyFile file;
  private volatile Optional<KeyReference> created = Optional.empty();

  /// Creates the admin key of a database and a key file.
  ///
  /// @param scopes the scopes of the key
  /// @param audit records the creation and revocation of keys
  /// @param dataDir the directory of the key file; created with access for its owner only if it is
  ///   missing
  public PostgresAdminKey(
      Database database,
      ChangeFeed changes,
      GrantableScopes scopes,
      KeyHashes hashes,
      AuditTrail audit,
      Path dataDir) {
    this.database = database;
    this.changes = changes;
    this.hash = hashes.tokens();
    this.scopes = scopes;
    rows = new PostgresKeyRows(hashes.rows(), scopes);
    this.audit = audit;
    this.file = new AdminKeyFile(dataDir.resolve(FILE_NAME));
  }

  /// Creates the admin key if the database contains no API key at all. If several replicas call
  /// this at once, exactly one creates the key and its file. Waits while the database is
  /// unavailable.
  ///
  /// @throws AdminKeyFileException if the file cannot be written; then no key is created
  public void createIfMissing() throws InterruptedException {
    created =
        OutageRetry.retryWhileUnavailable(() ->
            create(connection -> isNeeded(connection) ? Optional.of(List.of()) : Optional.empty()));
    if (created.isPresent()) {
      LOG.atInfo().addKeyValue("file", file.path()).log("admin key created with all scopes");
    }
  }

  /// The admin key, if [#createIfMissing] created it.
  public Optional<KeyReference> created() {
    return created;
  }

  /// Creates a new admin key and revokes the former ones, for an operator who has lost the key.
  /// Running replicas are notified.
  ///
  /// @return the path of the key file
  /// @throws AdminKeyFileException if the file cannot be written; then nothing has changed
  /// @throws dev.agentlab.errors.UnavailableException while the database is unavailable
  public Path reset() {
    var _ = create(connection -> Optional.of(revokeAll(connection)));
    LOG.atInfo().addKeyValue("file", file.path()).log("admin key reset");
    return file.path();
  }

  /// Also revokes keys whose revocation was written to the database outside the service.
  private List<AuditEntry> revokeAll(Connection connection) throws SQLException {
    Instant now = PostgresKeyRows.truncate(Instant.now());
    List<AuditEntry> entries = new ArrayList<>();
    for (PostgresKeyRow row : rows.lockAdminsWithOwned(connection)) {
      if (row.status() != ApiKey.Status.REVOKED) {
        PostgresKeyRow revoked = rows.update(connection, row.fields().withRevocation(now));
        entries.add(KeyAuditEntries.revoked(row, revoked));
      }
    }
    return entries;
  }

  /// Creates a key. Writes its file before the commit, so that no key exists without its file. A
  /// failure restores the file, unless the outcome of the commit is unknown.
  ///
  /// @param before runs first in the transaction and returns the audit entries of its changes;
  ///   empty if no key is needed
  /// @return the key, if one was created
  private Optional<KeyReference> create(Database.Work<Optional<List<AuditEntry>>> before) {
    ApiKeyToken token = ApiKeyToken.random(KeyType.ADMIN);
    KeyReference reference = new KeyReference(token.id(), hash.compute(token.bytes()));
    UUID id = UUID.randomUUID();
    // The former content of the file, once it was overwritten.
    AtomicReference<Optional<Optional<String>>> overwritten =
        new AtomicReference<>(Optional.empty());
    Database.Work<Optional<KeyReference>> work =
        connection -> {
          lock(connection);
          file.deleteDrafts();
          Optional<List<AuditEntry>> changed = before.run(connection);
          if (changed.isEmpty()) {
            return Optional.empty();
          }
          insert(connection, id, token, reference.hash(), changed.get());
          // After the audit entries: a reset that cannot be recorded must not change the file.
          Optional<String> former = file.read();
          file.write(token);
          overwritten.compareAndSet(Optional.empty(), Optional.of(former));
          return Optional.of(reference);
        };
    try {
      return changes.invalidateAfter(PostgresKeyRows.TABLE, id, () -> database.write(work));
    } catch (RuntimeException e) {
      Optional<Optional<String>> former = overwritten.get();
      Optional<Boolean> isCreated = former.isPresent() ? isStored(id, e) : Optional.of(false);
      if (isCreated.orElse(false)) {
        return Optional.of(reference);
      }
      if (isCreated.isPresent() && former.isPresent()) {
        file.restore(e, former.get());
      }
      throw e;
    }
  }

  private void insert(
      Connection connection, UUID id, ApiKeyToken token, byte[] tokenHash, List<AuditEntry> changed)
      throws SQLException {
    SignedKeyFields fields =
        SignedKeyFields.create(
            id, token, tokenHash, scopes.allGrants(), Optional.empty(), Optional.empty());
    PostgresKeyRow created = rows.insert(connection, fields, NAME, Caller.SERVICE.id());
    for (AuditEntry entry : changed) {
      audit.record(connection, entry);
    }
    audit.record(connection, KeyAuditEntries.created(created));
  }

  /// Whether the key was committed although the transaction failed, as when the connection broke
  /// during the commit. Empty if this is unknown.
  private Optional<Boolean> isStored(UUID id, RuntimeException failure) {
    try {
      return Optional.of(database.read(connection -> rows.find(connection, id)).isPresent());
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
      return Optional.empty();
    }
  }

  /// Prevents other transactions from creating an admin key until this one ends.
  private static void lock(Connection connection) throws SQLException {
    new SqlStatement(connection, "LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE").update();
  }

  private static boolean isNeeded(Connection connection) throws SQLException {
    return new SqlStatement(connection, "SELECT NOT EXISTS (SELECT FROM api_keys) AS needed")
        .one(row -> row.bool("needed"));
  }
}
