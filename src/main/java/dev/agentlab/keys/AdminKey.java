package dev.agentlab.keys;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import java.nio.file.Path;

/// The operator's own key, with all scopes, in a file that only the operator can read.
public interface AdminKey {

  /// The name of its file in the data folder.
  String FILE = "admin.key";

  /// The key in PostgreSQL, and in a file.
  ///
  /// @param audit where it is recorded
  /// @param dataDir made if it is missing, for its owner only
  static AdminKey in(
      Database database, ChangeFeed changes, KeyHashes hashes, AuditTrail audit, Path dataDir) {
    return new PostgresAdminKey(database, changes, hashes, audit, dataDir.resolve(FILE));
  }

  /// Makes the key if there is none of any kind yet. Of several replicas that do this at once
  /// exactly one makes it, and has the file. Waits while the database is away.
  ///
  /// @throws AdminKeyFileException if the file cannot be written; then no key was made
  void ensure() throws InterruptedException;

  /// Makes a new one, and revokes those made before: for an operator who has lost it. Works beside
  /// running replicas, which hear of it.
  ///
  /// @return its file
  /// @throws AdminKeyFileException if the file cannot be written; then nothing has changed
  /// @throws dev.agentlab.errors.UnavailableException while the database is away
  Path reset();
}
