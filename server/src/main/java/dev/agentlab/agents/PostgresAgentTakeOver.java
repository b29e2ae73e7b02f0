package dev.agentlab.agents;

import dev.agentlab.database.SqlStatement;
import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.vault.PostgresConfigSecrets;
import dev.agentlab.vault.PostgresDataKeys;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/// Takes over the agents of a database of the Go original: encrypts their secrets, which are
/// plaintext there. Each agent has one revision, which the migrations created.
public final class PostgresAgentTakeOver {
  private final Connection connection;
  private final ProviderKinds kinds;
  private final PostgresConfigSecrets secrets;

  /// @param connection in a transaction
  public PostgresAgentTakeOver(
      Connection connection, ProviderKinds kinds, PostgresDataKeys dataKeys) {
    this.connection = connection;
    this.kinds = kinds;
    secrets = new PostgresConfigSecrets(dataKeys, PostgresAgentRows.TABLE);
  }

  /// Encrypts the secrets of all agents and of their revisions. Versions and times do not change.
  public void encryptSecrets() throws SQLException {
    List<UUID> ids =
        new SqlStatement(connection, "SELECT id FROM agents").all(row -> row.uuid("id"));
    // One configuration at a time, because the original stored them of any size.
    for (UUID id : ids) {
      AgentRow plain = PostgresAgentRows.find(connection, id).orElseThrow();
      StoredAgentConfig encrypted = encrypt(id, plain.config(), plain.updatedAt());
      if (!encrypted.equals(plain.config())) {
        write("UPDATE agents SET config = :config::jsonb WHERE id = :id", id, encrypted);
        write(
            "UPDATE agent_revisions SET config = :config::jsonb WHERE agent_id = :id",
            id,
            encrypted);
      }
    }
  }

  /// Encrypts the secrets of the inline provider, and every text in members that this program does
  /// not know, as in a provider of an unknown kind.
  private StoredAgentConfig encrypt(UUID id, StoredAgentConfig plain, Instant at)
      throws SQLException {
    StoredAgentConfig encrypted = plain;
    ObjectNode unknown = plain.unknownMembers();
    if (!unknown.isEmpty()) {
      encrypted =
          encrypted.withMembers((ObjectNode) encrypt(id, kinds.readStored(unknown), at).stored());
    }
    Optional<ProviderConfig> provider = plain.inlineProvider(kinds);
    return provider.isEmpty() ? encrypted : encrypted.withProvider(encrypt(id, provider.get(), at));
  }

  private ProviderConfig encrypt(UUID id, ProviderConfig config, Instant at) throws SQLException {
    return secrets.encrypt(connection, id, config, List.of(), at);
  }

  private void write(String sql, UUID id, StoredAgentConfig config) throws SQLException {
    new SqlStatement(connection, sql)
        .bind("config", config.json().toString())
        .bind("id", id)
        .update();
  }
}
