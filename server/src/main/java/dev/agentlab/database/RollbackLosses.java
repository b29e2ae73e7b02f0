package dev.agentlab.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.OptionalLong;

/// The data that a rollback of migrations would lose: the version of the Go original to which the
/// database is returned, if it is, and the rows that are kept while their encrypted secrets become
/// unreadable, such as `provider 'azure'`.
public record RollbackLosses(OptionalLong originalVersion, List<String> lostSecrets) {
  /// The version of the migration that creates the data keys.
  private static final long DATA_KEYS_VERSION = 8;

  public RollbackLosses {
    lostSecrets = List.copyOf(lostSecrets);
  }

  /// Finds the rows with secrets that cannot be decrypted after a rollback.
  ///
  /// @param from the current version of the schema
  /// @param to the version after the rollback
  static List<String> lostSecrets(Connection connection, long from, long to) throws SQLException {
    if (from < DATA_KEYS_VERSION || to >= DATA_KEYS_VERSION) {
      return List.of();
    }
    String sql =
        """
        WITH encrypted AS (
            SELECT 'provider' AS kind, id, name FROM providers
            WHERE jsonb_path_exists(config, '$.**.sealed ? (@ starts with "v1.")')),
        all_encrypted AS (
            SELECT kind, name, 2 AS since FROM encrypted
            UNION ALL
            SELECT 'agent', name, 3 FROM agents
            WHERE jsonb_path_exists(config, '$.**.sealed ? (@ starts with "v1.")')
                OR provider_id IN (SELECT id FROM encrypted))
        SELECT kind, name FROM all_encrypted WHERE since <= :version ORDER BY kind DESC, name
        """;
    return new SqlStatement(connection, sql)
        .bind("version", to)
        .all(row -> "%s '%s'".formatted(row.text("kind"), row.text("name")));
  }
}
