package dev.agentlab.keys;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import java.nio.file.Path;

/// The admin key: the operator's API key with all scopes, in a file that only its owner can read.
public interface AdminKey {

  /// The name of the key file in the data directory.
  String FILE_NAME = "admin.key";

  /// Creates the admin key manager for a database and a key file.
  ///
  /// @param audit records the creation and revocation of keys
  /// @param dataDir the directory of the key file; created with access for its owner only if it is
  ///   missing
  static AdminKey of(
      Database database, ChangeFeed changes, KeyHashes hashes, AuditTrail audit, Path dataDir) {
    return new PostgresAdminKey(database, changes, hashes, audit, dataDir.resolve(FILE_NAME));
  }

  /// Creates the admin key if the database contains no API key at all. If several replicas call
  /// this at once, exactly one creates the key and its file. Waits while the database is
  /// unavailable.
  ///
  /// @throws AdminKeyFileException if the file cannot be written; then no key is created
  void createIfMissing() throws InterruptedException;

  /// Creates a new admin key and revokes the former ones, for an operator who has lost the key.
  /// Running replicas are notified.
  ///
  /// @return the path of the key file
  /// @throws AdminKeyFileException if the file cannot be written; then nothing has changed
  /// @throws dev.agentlab.errors.UnavailableException while the database is unavailable
  Path reset();
}
