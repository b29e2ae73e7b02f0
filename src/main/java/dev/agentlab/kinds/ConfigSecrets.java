package dev.agentlab.kinds;

import dev.agentlab.errors.UnreadableSecretException;
import dev.agentlab.vault.PostgresDataKeys;
import dev.agentlab.vault.RowCipher;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The secrets within the configurations that a table stores: sealed on the way in, opened only to
/// be used. Safe for all threads.
public final class ConfigSecrets {
  private final PostgresDataKeys keys;
  private final String table;

  public ConfigSecrets(PostgresDataKeys keys, String table) {
    this.keys = keys;
    this.table = table;
  }

  /// A stored configuration with its secrets in the open, to call its provider.
  ///
  /// @throws UnreadableSecretException if one cannot be opened
  public ProviderConfig opened(Connection connection, UUID row, ProviderConfig stored)
      throws SQLException {
    if (!stored.isSealed()) {
      return stored;
    }
    RowCipher key =
        keys.find(connection, table, row)
            .orElseThrow(() ->
                new UnreadableSecretException(
                    "the key of the secrets in %s %s is gone; give the secrets again"
                        .formatted(table, row)));
    return new ConfigCipher(key).opened(stored);
  }

  /// A stored configuration that is to be replaced, its secrets in the open. One that cannot be
  /// opened stays sealed, so that it can be replaced.
  public ProviderConfig openedToReplace(Connection connection, UUID row, ProviderConfig stored)
      throws SQLException {
    if (!stored.isSealed()) {
      return stored;
    }
    Optional<RowCipher> key = keys.find(connection, table, row);
    return key.isEmpty() ? stored : new ConfigCipher(key.get()).openedWherePossible(stored);
  }

  /// A configuration as it is to be stored.
  ///
  /// @param connection in a transaction, in which the row is new or locked
  /// @param before what the row has or had stored; a secret that is what it was there stays as it
  ///   was sealed
  /// @param at when the other secrets were given
  public ProviderConfig sealed(
      Connection connection,
      UUID row,
      ProviderConfig config,
      List<ProviderConfig> before,
      Instant at)
      throws SQLException {
    return config.isPlain()
        ? new ConfigCipher(keys.findOrMake(connection, table, row)).sealed(config, before, at)
        : config;
  }
}
