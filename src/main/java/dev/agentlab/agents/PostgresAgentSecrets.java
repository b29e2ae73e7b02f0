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

/// The secrets of agents' own providers. All revisions of an agent have theirs under the agent's
/// one key, so that any can be restored.
final class PostgresAgentSecrets {
  private final ConfigSecrets secrets;
  private final ProviderKinds kinds;

  PostgresAgentSecrets(PostgresDataKeys keys, ProviderKinds kinds) {
    secrets = new ConfigSecrets(keys, "agents");
    this.kinds = kinds;
  }

  /// The configuration with its secrets in the open, to run the agent.
  ///
  /// @throws dev.agentlab.errors.UnreadableSecretException if one cannot be opened
  StoredAgentConfig opened(Connection connection, UUID agent, StoredAgentConfig stored)
      throws SQLException {
    Optional<ProviderConfig> provider = stored.inline(kinds);
    return provider.isEmpty()
        ? stored
        : stored.with(secrets.opened(connection, agent, provider.get()));
  }

  /// The same for what is to be replaced: what cannot be opened stays sealed.
  StoredAgentConfig openedToReplace(Connection connection, UUID agent, StoredAgentConfig stored)
      throws SQLException {
    Optional<ProviderConfig> provider = stored.inline(kinds);
    return provider.isEmpty()
        ? stored
        : stored.with(secrets.openedToReplace(connection, agent, provider.get()));
  }

  /// The configuration as it is to be stored.
  ///
  /// @param connection in a transaction, in which the agent is new or locked
  /// @param before what the agent is or was: a secret that is what it was there stays as it was
  ///   sealed
  /// @param at when the other secrets were given
  StoredAgentConfig sealed(
      Connection connection,
      UUID agent,
      StoredAgentConfig config,
      List<StoredAgentConfig> before,
      Instant at)
      throws SQLException {
    StoredAgentConfig sealed = config;
    Optional<ProviderConfig> beside = config.beside(kinds);
    if (beside.isPresent()) {
      sealed =
          sealed.withBeside(
              secrets.sealed(connection, agent, beside.get(), known(before, this::beside), at));
    }
    Optional<ProviderConfig> provider = config.provider(kinds);
    if (provider.isPresent()) {
      sealed =
          sealed.with(
              secrets.sealed(connection, agent, provider.get(), known(before, this::own), at));
    }
    return sealed;
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

  /// Whether there is a secret in the open, which must not be stored.
  boolean isPlain(StoredAgentConfig config) {
    return Stream.of(own(config), beside(config))
        .flatMap(Optional::stream)
        .anyMatch(ProviderConfig::isPlain);
  }
}
