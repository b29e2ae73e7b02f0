package dev.agentlab.database;

import java.sql.Connection;
import java.sql.SQLException;

/// The version of the server and of the schema.
///
/// @param serverVersion such as `18.4`
/// @param schemaVersion the version of the last applied migration; 0 for none
public record DatabaseState(String serverVersion, long schemaVersion) {

  static DatabaseState read(Connection connection) throws SQLException {
    String sql = "SELECT current_setting('server_version') AS version";
    return new DatabaseState(
        new SqlStatement(connection, sql).one(row -> row.text("version")),
        Migrator.state(connection).version().orElse(0));
  }
}
