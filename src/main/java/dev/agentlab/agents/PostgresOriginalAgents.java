package dev.agentlab.agents;

import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.listing.Rows;
import dev.agentlab.vault.PostgresConfigSecrets;
import dev.agentlab.vault.PostgresDataKeys;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/// The agents of a database of the Go original, whose secrets are plaintext. Each has one revision,
/// which the migrations created.
public final class PostgresOriginalAgents {
  /// Small, because the original stored configurations of any size.
  private static final int FETCH_SIZE = 4;

  private final Connection connection;
  private final ProviderKinds kinds;
  private final PostgresConfigSecrets secrets;

  /// @param connection in a transaction
  public PostgresOriginalAgents(
      Connection connection, ProviderKinds kinds, PostgresDataKeys dataKeys) {
    this.connection = connection;
    this.kinds = kinds;
    secrets = new PostgresConfigSecrets(dataKeys, PostgresAgentRows.TABLE);
  }

  /// Encrypts the secrets of all agents and of their revisions. Versions and times do not change.
  public void encryptSecrets() throws SQLException {
    try (PreparedStatement select =
            connection.prepareStatement("SELECT id, updated_at, config, provider_id FROM agents");
        PreparedStatement updateAgent =
            connection.prepareStatement("UPDATE agents SET config = ?::jsonb WHERE id = ?");
        PreparedStatement updateRevision =
            connection.prepareStatement(
                "UPDATE agent_revisions SET config = ?::jsonb WHERE agent_id = ?")) {
      select.setFetchSize(FETCH_SIZE);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          UUID id = row.getObject(1, UUID.class);
          StoredAgentConfig plain = PostgresAgentRows.readConfig(row, 3);
          StoredAgentConfig encrypted = encrypt(id, plain, Rows.instant(row, 2));
          if (!encrypted.equals(plain)) {
            write(updateAgent, id, encrypted);
            write(updateRevision, id, encrypted);
          }
        }
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

  private static void write(PreparedStatement update, UUID id, StoredAgentConfig config)
      throws SQLException {
    update.setString(1, config.json().toString());
    update.setObject(2, id);
    update.executeUpdate();
  }
}
