package dev.agentlab.agents;

import dev.agentlab.vault.PostgresPlainRows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
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
      statement.setFetchSize(AT_A_TIME);
      List<Revision> plain = new ArrayList<>();
      Optional<Revision> last = Optional.empty();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Revision revision = new Revision(row.getObject(1, UUID.class), row.getLong(2));
          last = Optional.of(revision);
          if (secrets.hasPlaintextSecrets(
              new StoredAgentConfig(
                  dev.agentlab.json.Json.MAPPER.readTree(row.getString(3)),
                  Optional.ofNullable(row.getObject(4, UUID.class))))) {
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
    Optional<AgentRow> agent = PostgresAgentRows.lock(connection, id);
    if (agent.isEmpty()) {
      return false;
    }
    if (revision.number() == NOW) {
      return seal(
          connection,
          "UPDATE agents SET config = ?::jsonb WHERE id = ?",
          agent.get().toRevision(),
          List.of(),
          id);
    }
    Optional<AgentRevisionRow> old =
        PostgresAgentRevisionRows.find(connection, id, revision.number());
    return old.isPresent()
        && seal(
            connection,
            "UPDATE agent_revisions SET config = ?::jsonb WHERE agent_id = ? AND revision = ?",
            old.get(),
            List.of(agent.get().config()),
            id,
            revision.number());
  }

  private boolean seal(
      Connection connection,
      String sql,
      AgentRevisionRow plain,
      List<StoredAgentConfig> before,
      Object... key)
      throws SQLException {
    if (!secrets.hasPlaintextSecrets(plain.config())) {
      return false;
    }
    UUID agent = (UUID) key[0];
    StoredAgentConfig sealed =
        secrets.encrypt(connection, agent, plain.config(), before, plain.createdAt());
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, sealed.json().toString());
      for (int i = 0; i < key.length; i++) {
        statement.setObject(i + 2, key[i]);
      }
      return statement.executeUpdate() == 1;
    }
  }
}
