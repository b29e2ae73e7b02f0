package dev.agentlab.agents;

import dev.agentlab.kinds.ConfigSecrets;
import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.vault.PostgresDataKeys;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;

/// Encrypts and decrypts the secrets of inline providers. All revisions of an agent use the data
/// key of the agent, so that any revision can be restored.
final class PostgresAgentSecrets {
  private final ConfigSecrets secrets;
  private final ProviderKinds kinds;

  PostgresAgentSecrets(PostgresDataKeys keys, ProviderKinds kinds) {
    secrets = new ConfigSecrets(keys, "agents");
    this.kinds = kinds;
  }

  /// Decrypts the secrets of a configuration, to run the agent.
  ///
  /// @throws dev.agentlab.errors.UnreadableSecretException if a secret cannot be decrypted
  StoredAgentConfig opened(Connection connection, UUID agent, StoredAgentConfig stored)
      throws SQLException {
    Optional<ProviderConfig> provider = stored.inline(kinds);
    return provider.isEmpty()
        ? stored
        : stored.with(secrets.opened(connection, agent, provider.get()));
  }

  /// Decrypts the secrets of a configuration that is to be replaced. A secret that cannot be
  /// decrypted stays encrypted.
  StoredAgentConfig openedToReplace(Connection connection, UUID agent, StoredAgentConfig stored)
      throws SQLException {
    Optional<ProviderConfig> provider = stored.inline(kinds);
    return provider.isEmpty()
        ? stored
        : stored.with(secrets.openedToReplace(connection, agent, provider.get()));
  }

  /// Encrypts the secrets of a configuration, to store it.
  ///
  /// @param connection in a transaction, in which the agent is new or locked
  /// @param before stored configurations of the agent; a secret that is unchanged from one of them
  ///   keeps its ciphertext
  /// @param at the time recorded for the other secrets
  StoredAgentConfig sealed(
      Connection connection,
      UUID agent,
      StoredAgentConfig config,
      List<StoredAgentConfig> before,
      Instant at)
      throws SQLException {
    StoredAgentConfig encrypted = config;
    Optional<ProviderConfig> unknown = config.beside(kinds);
    if (unknown.isPresent()) {
      encrypted =
          encrypted.withBeside(
              secrets.sealed(connection, agent, unknown.get(), known(before, this::beside), at));
    }
    Optional<ProviderConfig> provider = config.provider(kinds);
    if (provider.isPresent()) {
      encrypted =
          encrypted.with(
              secrets.sealed(connection, agent, provider.get(), known(before, this::own), at));
    }
    return encrypted;
  }

  private Optional<ProviderConfig> own(StoredAgentConfig config) {
    return config.provider(kinds);
  }

  private Optional<ProviderConfig> beside(StoredAgentConfig config) {
    return config.beside(kinds);
  }

  private static List<ProviderConfig> known(
      List<StoredAgentConfig> before, Function<StoredAgentConfig, Optional<ProviderConfig>> part) {
    return before.stream().map(part).flatMap(Optional::stream).toList();
  }

  /// Whether the configuration contains a plaintext secret, which must not be stored.
  boolean isPlain(StoredAgentConfig config) {
    return Stream.of(own(config), beside(config))
        .flatMap(Optional::stream)
        .anyMatch(ProviderConfig::isPlain);
  }
}
