package dev.agentlab.agents;

import dev.agentlab.query.Rows;
import dev.agentlab.vault.PostgresPlainRows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Agents, and revisions of agents, whose own providers' secrets may be in the open. An agent comes
/// as its revision 0, before its revisions, which take over what they have in common.
final class PostgresPlainAgents implements PostgresPlainRows<PostgresPlainAgents.Revision> {
  private static final long NOW = 0;

  private static final Revision FIRST = new Revision(new UUID(0, 0), -1);

  private final PostgresAgentSecrets secrets;

  record Revision(UUID agent, long number) {}

  private record Dated(StoredConfig config, Instant at) {}

  PostgresPlainAgents(PostgresAgentSecrets secrets) {
    this.secrets = secrets;
  }

  @Override
  public Part<Revision> next(Connection connection, Optional<Revision> after, int most)
      throws SQLException {
    // Each half comes from its primary key in this order.
    String sql =
        """
        (SELECT id AS agent, 0 AS number, config, provider_id FROM agents
          WHERE id > ? OR (id = ? AND ? < 0) ORDER BY id LIMIT ?)
        UNION ALL
        (SELECT agent_id, revision, config, provider_id FROM agent_revisions
          WHERE (agent_id, revision) > (?, ?) ORDER BY agent_id, revision LIMIT ?)
        ORDER BY agent, number LIMIT ?
        """;
    Revision from = after.orElse(FIRST);
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, from.agent());
      statement.setObject(2, from.agent());
      statement.setLong(3, from.number());
      statement.setInt(4, most);
      statement.setObject(5, from.agent());
      statement.setLong(6, from.number());
      statement.setInt(7, most);
      statement.setInt(8, most);
      List<Revision> plain = new ArrayList<>();
      Optional<Revision> last = Optional.empty();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Revision revision = new Revision(row.getObject(1, UUID.class), row.getLong(2));
          last = Optional.of(revision);
          if (secrets.isPlain(PostgresAgentRows.config(row, 3))) {
            plain.add(revision);
          }
        }
      }
      return new Part<>(plain, last);
    }
  }

  @Override
  public boolean seal(Connection connection, Revision revision) throws SQLException {
    UUID id = revision.agent();
    Optional<Dated> agent =
        read(
            connection,
            "SELECT config, provider_id, updated_at FROM agents WHERE id = ? FOR UPDATE",
            id);
    if (revision.number() == NOW) {
      return agent.isPresent()
          && seal(
              connection,
              "UPDATE agents SET config = ?::jsonb WHERE id = ?",
              agent.get(),
              List.of(),
              id);
    }
    Optional<Dated> old =
        read(
            connection,
            """
            SELECT config, provider_id, created_at FROM agent_revisions
            WHERE agent_id = ? AND revision = ?
            """,
            id,
            revision.number());
    return agent.isPresent()
        && old.isPresent()
        && seal(
            connection,
            "UPDATE agent_revisions SET config = ?::jsonb WHERE agent_id = ? AND revision = ?",
            old.get(),
            List.of(agent.get().config()),
            id,
            revision.number());
  }

  private boolean seal(
      Connection connection, String sql, Dated plain, List<StoredConfig> before, Object... key)
      throws SQLException {
    if (!secrets.isPlain(plain.config())) {
      return false;
    }
    UUID agent = (UUID) key[0];
    StoredConfig sealed = secrets.sealed(connection, agent, plain.config(), before, plain.at());
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, sealed.json().toString());
      for (int i = 0; i < key.length; i++) {
        statement.setObject(i + 2, key[i]);
      }
      return statement.executeUpdate() == 1;
    }
  }

  private static Optional<Dated> read(Connection connection, String sql, Object... key)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < key.length; i++) {
        statement.setObject(i + 1, key[i]);
      }
      return Rows.first(
          statement, row -> new Dated(PostgresAgentRows.config(row, 1), Rows.instant(row, 3)));
    }
  }
}
