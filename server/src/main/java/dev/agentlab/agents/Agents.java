package dev.agentlab.agents;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.errors.IdOrName;
import dev.agentlab.json.SizeLimit;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.PageRequest;
import dev.agentlab.listing.SearchRequest;
import dev.agentlab.vault.Vault;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongPredicate;

/// The agent registry. Every change creates a revision. Revisions, including the secrets of inline
/// providers, are kept until the agent is deleted. Stateless and thread-safe.
///
/// Every method throws [dev.agentlab.errors.UnavailableException] if the database is unavailable.
public interface Agents {
  /// Large enough for long system prompts and for the schemas of many functions.
  SizeLimit CONFIG_SIZE = new SizeLimit("config", 256 << 10);

  /// The limit of an inline provider within the configuration; equal to that of a registered
  /// provider.
  SizeLimit PROVIDER_SIZE = new SizeLimit("config.provider", 64 << 10);

  /// Creates the PostgreSQL-backed agent registry.
  ///
  /// @param changes notified of the changes made through this registry
  /// @param vault encrypts the stored secrets
  /// @param audit records the changes
  static Agents of(
      Database database,
      ChangeFeed changes,
      ProviderKinds kinds,
      PageLimits limits,
      ProviderLookup providers,
      RouteLookup routes,
      Vault vault,
      AuditTrail audit) {
    return new PostgresAgents(database, changes, kinds, limits, providers, routes, vault, audit);
  }

  /// Creates an agent at revision 1.
  ///
  /// @param idempotencyKey if present, a repeated request creates one agent and gets the same
  ///   result
  /// @throws dev.agentlab.errors.InvalidInputException if the configuration is invalid, is too
  ///   large or names a provider or route that is not registered
  /// @throws AgentException.NameTaken if another agent has the name
  /// @throws dev.agentlab.errors.IdempotencyException if a request with the key is in progress, or
  ///   the key was used for a different request
  Agent create(AgentInput input, Optional<String> idempotencyKey);

  /// Finds an agent by its id.
  ///
  /// @throws AgentException.NotFound if there is no such agent
  Agent find(UUID id);

  /// Replaces an agent's name and configuration. Creates a revision unless both are unchanged. A
  /// secret of an inline provider that is omitted, or sent in its masked form, is kept.
  ///
  /// @param expected accepts the revisions that may be replaced
  /// @throws AgentException.NotFound if there is no such agent
  /// @throws AgentException.Stale if the current revision is not accepted
  /// @throws AgentException.NameTaken if another agent has the name
  /// @throws AgentException.SecretRequired if a kept secret would be sent to another destination
  /// @throws dev.agentlab.errors.InvalidInputException if the configuration is invalid, is too
  ///   large, names a provider or route that is not registered, or the agent would call itself
  Agent replace(UUID id, AgentInput input, LongPredicate expected);

  /// Validates a configuration as a create does, and stores nothing.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if it is invalid or names a provider or
  ///   route that is not registered
  void check(AgentConfigInput config);

  /// Deletes an agent and its revisions.
  ///
  /// @param expected accepts the revisions that may be deleted
  /// @throws AgentException.NotFound if there is no such agent
  /// @throws AgentException.Stale if the current revision is not accepted
  /// @throws AgentException.InUse if routes use it, or a table outside this application references
  ///   it
  void delete(UUID id, LongPredicate expected);

  /// One page of the routes that use an agent and prevent its deletion, in the order of their
  /// names.
  ///
  /// @throws AgentException.NotFound if there is no such agent
  AgentDependents dependents(UUID id, PageRequest page);

  /// One page of the agents that match a request.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if it sorts by an unknown field
  Page<Agent> search(SearchRequest request);

  /// The number of agents.
  long count();

  /// The first agents in the order of their names.
  List<AgentEntry> list(int limit);

  /// The agents with these ids that exist, in the order of their names.
  List<AgentEntry> list(Set<UUID> ids);

  /// The id of an agent; empty if there is no such agent.
  Optional<UUID> findId(IdOrName agent);

  /// One page of an agent's revisions, the newest first.
  ///
  /// @throws AgentException.NotFound if there is no such agent
  Page<AgentRevision> listRevisions(UUID id, PageRequest page);

  /// One revision of an agent.
  ///
  /// @throws AgentException.NotFound if there is no such agent
  /// @throws AgentException.RevisionNotFound if it has no such revision
  AgentRevision findRevision(UUID id, long revision);

  /// Restores an agent to a revision, including its secrets. Creates a new revision unless the
  /// agent already has that state.
  ///
  /// @param expected accepts the revisions that may be replaced
  /// @throws AgentException.NotFound if there is no such agent
  /// @throws AgentException.RevisionNotFound if it has no such revision
  /// @throws AgentException.Stale if the current revision is not accepted
  /// @throws AgentException.NameTaken if another agent has the revision's name
  /// @throws AgentException.ProviderGone if the revision's registered provider has been deleted
  /// @throws AgentException.RouteGone if the revision's route has been deleted
  /// @throws dev.agentlab.errors.InvalidInputException if the agent would call itself
  Agent restore(UUID id, long revision, LongPredicate expected);

  /// Resolves an agent for a run, with plaintext secrets. The result is for calling the provider
  /// only and must not be returned to callers.
  ///
  /// @param revision the revision to resolve; the latest if empty
  /// @throws AgentException.NotFound if there is no such agent
  /// @throws AgentException.RevisionNotFound if it has no such revision
  /// @throws dev.agentlab.errors.InvalidInputException if this release cannot run the stored
  ///   configuration
  /// @throws dev.agentlab.errors.UnreadableSecretException if a secret cannot be decrypted
  ResolvedAgent resolve(UUID id, Optional<Long> revision);
}
