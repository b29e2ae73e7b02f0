package dev.agentlab.providers;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.database.Versioned;
import dev.agentlab.json.SizeLimit;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.kinds.Model;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.kinds.ResolvedProvider;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.PageRequest;
import dev.agentlab.listing.SearchRequest;
import dev.agentlab.vault.Vault;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongPredicate;
import java.util.function.Supplier;

/// The provider registry. Thread-safe.
///
/// Every method throws [dev.agentlab.errors.UnavailableException] while the database is
/// unavailable.
public interface Providers {
  /// A typical configuration has a few hundred bytes. A page of about a hundred configurations of
  /// maximum size fits into memory.
  SizeLimit CONFIG_SIZE = new SizeLimit("config", 64 << 10);

  /// The table of the providers, in the change feed.
  String TABLE = "providers";

  /// The maximum size of [#entries].
  int MAX_ENTRIES = 10_000;

  /// The PostgreSQL-backed registry.
  ///
  /// @param changes notified of each change
  /// @param dependents finds the dependents that prevent the deletion of a provider
  /// @param cachedModels the cached lists of the models of providers, by the id of the provider
  /// @param vault encrypts stored secrets
  /// @param audit records each change
  static Providers of(
      Database database,
      ChangeFeed changes,
      ProviderKinds kinds,
      PageLimits limits,
      DependentLookup dependents,
      Supplier<Map<UUID, List<Model>>> cachedModels,
      Vault vault,
      AuditTrail audit) {
    return new PostgresProviders(
        database, changes, kinds, limits, dependents, cachedModels, vault, audit);
  }

  /// Creates a provider.
  ///
  /// @param idempotencyKey if present, a repeated request creates one provider and returns the same
  ///   result
  /// @throws dev.agentlab.errors.InvalidInputException if the configuration is invalid or too large
  /// @throws ProviderException.NameTaken if another provider has the name
  /// @throws dev.agentlab.errors.IdempotencyException if the key is in use or was used for another
  ///   request
  Provider create(ProviderInput input, Optional<String> idempotencyKey);

  /// Finds a provider.
  ///
  /// @throws ProviderException.NotFound if there is none
  Versioned<Provider> find(UUID id);

  /// Replaces the name and the configuration of a provider. A secret that the configuration omits
  /// or has in masked form is kept.
  ///
  /// @param expected matches the versions that may be replaced
  /// @throws ProviderException.NotFound if there is none
  /// @throws ProviderException.Stale if the current version does not match
  /// @throws ProviderException.NameTaken if another provider has the name
  /// @throws ProviderException.SecretRequired if a kept secret would be sent to another destination
  /// @throws dev.agentlab.errors.InvalidInputException if the configuration is invalid or too large
  Versioned<Provider> replace(UUID id, ProviderInput input, LongPredicate expected);

  /// Deletes a provider.
  ///
  /// @param expected matches the versions that may be deleted
  /// @throws ProviderException.NotFound if there is none
  /// @throws ProviderException.Stale if the current version does not match
  /// @throws ProviderException.InUse if agents use it
  void delete(UUID id, LongPredicate expected);

  /// Finds one page of providers.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if it sorts by an unknown field
  Page<Provider> search(SearchRequest request);

  /// The number of providers.
  long count();

  /// The id of the provider with exactly this name.
  Optional<UUID> findId(String name);

  /// The names of the providers with these ids that exist.
  Map<UUID, String> findNames(Set<UUID> ids);

  /// The dependents of a provider: the agents, then the routes, each in the order of their names.
  ///
  /// @throws ProviderException.NotFound if there is no such provider
  Dependents dependents(UUID id, PageRequest page);

  /// Resolves a provider for a call, with plaintext secrets.
  ///
  /// @throws ProviderException.NotFound if there is none
  /// @throws dev.agentlab.errors.UnreadableSecretException if a secret cannot be decrypted
  ResolvedProvider resolve(UUID id);

  /// The same provider if it is in memory; does not block.
  Optional<ResolvedProvider> resolveCached(UUID id);

  /// Resolves the provider with exactly this name; empty if there is none.
  ///
  /// @throws dev.agentlab.errors.UnreadableSecretException if a secret cannot be decrypted
  Optional<ResolvedProvider> resolve(String name);

  /// The id of the provider with exactly this name, empty inside if there is none; empty if this is
  /// not in memory. Does not block.
  Optional<Optional<UUID>> findIdCached(String name);

  /// All providers, the most preferred first: by priority, then the oldest. At most [#MAX_ENTRIES],
  /// and fewer if their lists of models are very large; the least preferred are omitted. Changes by
  /// this process are included at once, those by others within a second.
  ///
  /// Does not block; the future is completed on any thread, with the exceptions of this interface
  /// if it fails.
  CompletableFuture<List<ProviderEntry>> entries();

  /// Validates a configuration without storing it: as a create, or as a replace if the input names
  /// a provider. Returns the provider to call.
  ///
  /// @throws ProviderException.NotFound if there is no provider to replace
  /// @throws ProviderException.SecretRequired if a kept secret would be sent to another destination
  /// @throws dev.agentlab.errors.InvalidInputException if the configuration is invalid or too large
  CallableProvider resolveCandidate(ProbeInput input);
}
