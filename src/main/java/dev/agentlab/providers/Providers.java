package dev.agentlab.providers;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.database.Versioned;
import dev.agentlab.json.SizeLimit;
import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.PageRequest;
import dev.agentlab.listing.SearchRequest;
import dev.agentlab.vault.Vault;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongPredicate;

/// The registry of providers. Stateless; safe for all threads.
///
/// Every method throws [dev.agentlab.errors.UnavailableException] while the database is away.
public interface Providers {
  /// A config is a few hundred bytes. Some hundred of the largest still fit into memory when they
  /// are shown together.
  SizeLimit CONFIG_SIZE = new SizeLimit("config", 64 << 10);

  /// The registry in PostgreSQL.
  ///
  /// @param changes are told of the changes made through it
  /// @param use tells who keeps a provider from being deleted
  /// @param vault seals the secrets of what is stored
  /// @param audit records the changes made through it
  static Providers in(
      Database database,
      ChangeFeed changes,
      ProviderKinds kinds,
      PageLimits limits,
      ProviderDependents use,
      Vault vault,
      AuditTrail audit) {
    return new PostgresProviders(database, changes, kinds, limits, use, vault, audit);
  }

  /// Registers a provider.
  ///
  /// @param idempotencyKey when given, a repeated command creates once and gets the same answer
  /// @throws dev.agentlab.errors.InvalidInputException if its kind cannot be built from the config,
  ///   or it is too large
  /// @throws ProviderException.NameTaken if the name is another's
  /// @throws dev.agentlab.errors.IdempotencyException if the key is in use or was another command's
  Provider create(ProviderInput command, Optional<String> idempotencyKey);

  /// The provider of this id.
  ///
  /// @throws ProviderException.NotFound if there is none
  Versioned<Provider> find(UUID id);

  /// Gives a provider a new name and config. A secret the config leaves out, or has as answers show
  /// it, is kept.
  ///
  /// @param expected which versions may be replaced
  /// @throws ProviderException.NotFound if there is none
  /// @throws ProviderException.Stale if its version is not expected
  /// @throws ProviderException.NameTaken if the name is another's
  /// @throws ProviderException.SecretRequired if a kept secret would go to another destination
  /// @throws dev.agentlab.errors.InvalidInputException if its kind cannot be built from the config,
  ///   or it is too large
  Versioned<Provider> replace(UUID id, ProviderInput command, LongPredicate expected);

  /// Removes a provider.
  ///
  /// @param expected which versions may be removed
  /// @throws ProviderException.NotFound if there is none
  /// @throws ProviderException.Stale if its version is not expected
  /// @throws ProviderException.InUse if others use it
  void delete(UUID id, LongPredicate expected);

  /// One page of the providers a request asks for.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if it sorts by an unknown field
  Page<Provider> search(SearchRequest request);

  /// The id of the provider that has exactly this name.
  Optional<UUID> idOf(String name);

  /// Who uses a provider, in the order of their names.
  ///
  /// @throws ProviderException.NotFound if there is no such provider
  Dependents dependents(UUID id, PageRequest page);

  /// A provider with its secrets in the open: for calling it, never for showing it.
  ///
  /// @throws ProviderException.NotFound if there is none
  /// @throws dev.agentlab.errors.UnreadableSecretException if a secret cannot be opened
  CallableProvider toCall(UUID id);

  /// A config that is not stored, checked as a create or, when it is to replace a provider, as a
  /// replace would check it.
  ///
  /// @throws ProviderException.NotFound if there is no provider to replace
  /// @throws ProviderException.SecretRequired if a kept secret would go to another destination
  /// @throws dev.agentlab.errors.InvalidInputException if its kind cannot be built from the config,
  ///   or it is too large
  ProviderConfig candidate(ProbeInput command);

  /// Seals the secrets that an earlier release stored in the open. Returns once none is left;
  /// several replicas may do it at once. No provider gets another version by it.
  void sealPlainSecrets() throws InterruptedException;
}
