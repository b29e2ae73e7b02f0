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
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongPredicate;

/// The registry of agents. Every change makes a revision, and every revision is kept as long as its
/// agent, an inline provider's secrets included. Stateless; safe for all threads.
///
/// Every method throws [dev.agentlab.errors.UnavailableException] while the database is away.
public interface Agents {
  /// Room for a system prompt of a book's chapters, and for the schemas of many functions.
  SizeLimit CONFIG_SIZE = new SizeLimit("config", 256 << 10);

  /// What a provider of an agent's own may have of that: as much as a registered one.
  SizeLimit PROVIDER_SIZE = new SizeLimit("config.provider", 64 << 10);

  /// The registry in PostgreSQL.
  ///
  /// @param changes are told of the changes made through it
  /// @param vault seals the secrets of what is stored
  /// @param audit records them
  static Agents in(
      Database database,
      ChangeFeed changes,
      ProviderKinds kinds,
      PageLimits limits,
      ProviderLookup providers,
      Vault vault,
      AuditTrail audit) {
    return new PostgresAgents(database, changes, kinds, limits, providers, vault, audit);
  }

  /// Registers an agent, at revision 1.
  ///
  /// @param idempotencyKey when given, a repeated command creates once and gets the same answer
  /// @throws dev.agentlab.errors.InvalidInputException if the config is at fault, is too large or
  ///   names a provider that is not registered
  /// @throws AgentException.NameTaken if the name is another's
  /// @throws dev.agentlab.errors.IdempotencyException if the key is in use or was another command's
  Agent create(AgentInput command, Optional<String> idempotencyKey);

  /// The agent of this id.
  ///
  /// @throws AgentException.NotFound if there is none
  Agent find(UUID id);

  /// Gives an agent a new name and config, which makes a revision unless both are what they were. A
  /// secret that an inline provider leaves out, or has as answers show it, is kept.
  ///
  /// @param expected which revisions may be replaced
  /// @throws AgentException.NotFound if there is none
  /// @throws AgentException.Stale if its revision is not expected
  /// @throws AgentException.NameTaken if the name is another's
  /// @throws AgentException.SecretRequired if a kept secret would go to another destination
  /// @throws dev.agentlab.errors.InvalidInputException if the config is at fault, is too large or
  ///   names a provider that is not registered
  Agent replace(UUID id, AgentInput command, LongPredicate expected);

  /// Checks a config as a create would, and stores nothing.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if it is at fault or names a provider that
  ///   is not registered
  void check(GivenAgentConfig config);

  /// Removes an agent and its revisions.
  ///
  /// @param expected which revisions may be removed
  /// @throws AgentException.NotFound if there is none
  /// @throws AgentException.Stale if its revision is not expected
  /// @throws AgentException.InUse if a table that is not ours refers to it
  void delete(UUID id, LongPredicate expected);

  /// One page of the agents a request asks for.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if it sorts by an unknown field
  Page<Agent> search(SearchRequest request);

  /// The id of an agent; empty if there is no such agent.
  Optional<UUID> idOf(IdOrName agent);

  /// One page of an agent's revisions, the newest first.
  ///
  /// @throws AgentException.NotFound if there is no such agent
  Page<AgentRevision> revisions(UUID id, PageRequest page);

  /// One revision of an agent.
  ///
  /// @throws AgentException.NotFound if there is no such agent
  /// @throws AgentException.RevisionNotFound if it has no such revision
  AgentRevision revision(UUID id, long revision);

  /// Makes an agent what it was at a revision, secrets included, which makes a new revision unless
  /// it is that already.
  ///
  /// @param expected which revisions may be replaced
  /// @throws AgentException.NotFound if there is no such agent
  /// @throws AgentException.RevisionNotFound if it has no such revision
  /// @throws AgentException.Stale if its revision is not expected
  /// @throws AgentException.NameTaken if the name is another's by now
  /// @throws AgentException.ProviderGone if the registered provider it used is no more
  Agent restore(UUID id, long revision, LongPredicate expected);

  /// What a run of an agent needs, secrets included: for calling its provider, never for showing
  /// it.
  ///
  /// @param revision which one; the newest if empty
  /// @throws AgentException.NotFound if there is no such agent
  /// @throws AgentException.RevisionNotFound if it has no such revision
  /// @throws dev.agentlab.errors.InvalidInputException if another release stored what cannot be run
  /// @throws dev.agentlab.errors.UnreadableSecretException if a secret cannot be opened
  ResolvedAgent resolved(UUID id, Optional<Long> revision);

  /// Seals the secrets that an earlier release stored in the open, in revisions too. Returns once
  /// none is left; several replicas may do it at once. No agent gets a revision by it.
  void sealPlainSecrets() throws InterruptedException;
}
