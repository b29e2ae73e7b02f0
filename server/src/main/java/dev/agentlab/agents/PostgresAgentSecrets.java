package dev.agentlab.agents;

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

/// Encrypts and decrypts the secrets of inline providers. All revisions of an agent use the data
/// key of the agent, so that any revision can be restored.
final class PostgresAgentSecrets {
  private final PostgresConfigSecrets secrets;
  private final ProviderKinds kinds;

  PostgresAgentSecrets(PostgresDataKeys keys, ProviderKinds kinds) {
    secrets = new PostgresConfigSecrets(keys, "agents");
    this.kinds = kinds;
  }

  /// Decrypts the secrets of a configuration, to run the agent.
  ///
  /// @throws dev.agentlab.errors.UnreadableSecretException if a secret cannot be decrypted
  StoredAgentConfig decrypt(Connection connection, UUID agent, StoredAgentConfig stored)
      throws SQLException {
    Optional<ProviderConfig> provider = stored.inlineProvider(kinds);
    return provider.isEmpty()
        ? stored
        : stored.withProvider(secrets.decrypt(connection, agent, provider.get()));
  }

  /// Decrypts the secrets of a configuration that is to be replaced. A secret that cannot be
  /// decrypted stays encrypted.
  StoredAgentConfig decryptForReplacement(
      Connection connection, UUID agent, StoredAgentConfig stored) throws SQLException {
    Optional<ProviderConfig> provider = stored.inlineProvider(kinds);
    return provider.isEmpty()
        ? stored
        : stored.withProvider(secrets.decryptForReplacement(connection, agent, provider.get()));
  }

  /// Encrypts the secrets of the configuration of a new agent, to store it.
  ///
  /// @param connection in a transaction
  /// @param at the time recorded for the secrets
  StoredAgentConfig encryptNew(
      Connection connection, UUID agent, StoredAgentConfig config, Instant at) throws SQLException {
    Optional<ProviderConfig> provider = config.inlineProvider(kinds);
    return provider.isEmpty()
        ? config
        : config.withProvider(secrets.encryptNew(connection, agent, provider.get(), at));
  }

  /// Encrypts the secrets of a configuration, to store it.
  ///
  /// @param connection in a transaction, in which the agent is locked
  /// @param before stored configurations of the agent; a secret that is unchanged from one of them
  ///   keeps its ciphertext
  /// @param at the time recorded for the other secrets
  StoredAgentConfig encrypt(
      Connection connection,
      UUID agent,
      StoredAgentConfig config,
      List<StoredAgentConfig> before,
      Instant at)
      throws SQLException {
    Optional<ProviderConfig> provider = config.inlineProvider(kinds);
    return provider.isEmpty()
        ? config
        : config.withProvider(
            secrets.encrypt(connection, agent, provider.get(), inlineProviders(before), at));
  }

  private List<ProviderConfig> inlineProviders(List<StoredAgentConfig> configs) {
    return configs.stream().flatMap(it -> it.inlineProvider(kinds).stream()).toList();
  }
}
