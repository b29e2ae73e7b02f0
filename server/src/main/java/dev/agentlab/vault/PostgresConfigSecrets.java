package dev.agentlab.vault;

import dev.agentlab.errors.UnreadableSecretException;
import dev.agentlab.kinds.ProviderConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Encrypts the secrets in the configurations that a table stores, and decrypts them for use.
/// Thread-safe.
public final class PostgresConfigSecrets {
  private final PostgresDataKeys dataKeys;
  private final String table;

  public PostgresConfigSecrets(PostgresDataKeys keys, String table) {
    this.dataKeys = keys;
    this.table = table;
  }

  /// The stored configuration with plaintext secrets, for calling its provider.
  ///
  /// @throws UnreadableSecretException if a secret cannot be decrypted
  public ProviderConfig decrypt(Connection connection, UUID row, ProviderConfig stored)
      throws SQLException {
    if (!stored.hasEncryptedSecrets()) {
      return stored;
    }
    RowCipher key =
        dataKeys
            .find(connection, table, row)
            .orElseThrow(() ->
                new UnreadableSecretException(
                    "the data key of the secrets in %s %s is missing; set the secrets again"
                        .formatted(table, row)));
    return new ConfigCipher(key).decrypt(stored);
  }

  /// The stored configuration with plaintext secrets, as input of a replacement. A secret that
  /// cannot be decrypted stays encrypted, so that the caller can still replace it.
  public ProviderConfig decryptForReplacement(
      Connection connection, UUID row, ProviderConfig stored) throws SQLException {
    if (!stored.hasEncryptedSecrets()) {
      return stored;
    }
    Optional<RowCipher> key = dataKeys.find(connection, table, row);
    return key.isEmpty() ? stored : new ConfigCipher(key.get()).decryptWherePossible(stored);
  }

  /// The configuration of a new row with encrypted secrets, ready to be stored.
  ///
  /// @param connection in a transaction
  /// @param at the `updated_at` of all secrets
  public ProviderConfig encryptNew(
      Connection connection, UUID row, ProviderConfig config, Instant at) throws SQLException {
    return config.hasPlaintextSecrets()
        ? new ConfigCipher(dataKeys.create(connection, table, row)).encrypt(config, List.of(), at)
        : config;
  }

  /// The configuration with encrypted secrets, ready to be stored.
  ///
  /// @param connection in a transaction in which the row is locked
  /// @param before current and earlier stored configurations of the row; an unchanged secret keeps
  ///   its stored form
  /// @param at the `updated_at` of all other secrets
  public ProviderConfig encrypt(
      Connection connection,
      UUID row,
      ProviderConfig config,
      List<ProviderConfig> before,
      Instant at)
      throws SQLException {
    return config.hasPlaintextSecrets()
        ? new ConfigCipher(dataKeys.findOrCreate(connection, table, row))
            .encrypt(config, before, at)
        : config;
  }
}
