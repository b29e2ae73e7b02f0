package dev.agentlab.gateway;

import dev.agentlab.errors.UnavailableException;
import dev.agentlab.errors.UnreadableSecretException;
import dev.agentlab.eventloop.Completions;
import dev.agentlab.kinds.Model;
import dev.agentlab.kinds.ResolvedProvider;
import dev.agentlab.modelclient.ModelCatalog;
import dev.agentlab.modelclient.ModelList;
import dev.agentlab.providers.ProviderEntry;
import dev.agentlab.providers.ProviderException;
import dev.agentlab.providers.Providers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// The models of the registered providers: those of their lists that the configuration selects, and
/// those that it declares. Thread-safe; the methods block.
record ProviderModels(Providers providers, ModelCatalog catalog) {
  /// How long a list that has never been read is awaited.
  private static final Duration LIST_WAIT = Duration.ofSeconds(5);

  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private static final ModelList UNKNOWN =
      new ModelList(List.of(), Optional.empty(), ModelList.State.LOADING, Optional.empty());

  /// Maximum number of lists that are awaited.
  private static final int MAX_AWAITED_LISTS = 200;

  /// All providers, the most preferred first.
  List<ProviderEntry> entries() {
    return Completions.join(providers.entries());
  }

  /// Resolves a provider; empty if it has been deleted.
  Optional<ResolvedProvider> resolve(UUID id) {
    try {
      return Optional.of(providers.resolve(id));
    } catch (ProviderException.NotFound e) {
      return Optional.empty();
    }
  }

  /// The most preferred provider that has a model.
  Optional<ProviderEntry> findByModel(String model) {
    List<ProviderEntry> candidates =
        entries().stream().filter(entry -> entry.models().allows(model)).toList();
    Map<UUID, ModelList> lists =
        lists(candidates, entry -> !entry.models().declares(model), LIST_WAIT);
    for (ProviderEntry entry : candidates) {
      ModelList list = lists.get(entry.id());
      if (entry.models().declares(model) || (list != null && contains(list, model))) {
        return Optional.of(entry);
      }
      if (list != null && list.state() == ModelList.State.LOADING) {
        // Another provider must not answer only because this one is slow.
        throw new UnavailableException(
            "the models of provider '%s' are not known yet".formatted(entry.name()), RETRY_AFTER);
      }
    }
    return Optional.empty();
  }

  private static boolean contains(ModelList list, String model) {
    return list.data().stream().anyMatch(it -> it.id().equals(model));
  }

  /// The models by provider, in the order of the providers.
  ///
  /// @param wait how long lists that have never been read are awaited
  Map<ProviderEntry, List<Model>> models(List<ProviderEntry> entries, Duration wait) {
    Map<UUID, ModelList> lists = lists(entries, _ -> true, wait);
    Map<ProviderEntry, List<Model>> models = new LinkedHashMap<>();
    for (ProviderEntry entry : entries) {
      ModelList list = lists.get(entry.id());
      models.put(entry, select(entry, list == null ? List.of() : list.data()));
    }
    return models;
  }

  /// The models of a provider: first those of its list.
  private static List<Model> select(ProviderEntry entry, List<Model> listed) {
    Map<String, Model> selected = new LinkedHashMap<>();
    for (Model model : listed) {
      if (entry.models().allows(model.id())) {
        selected.put(model.id(), model);
      }
    }
    for (String declared : entry.models().declaredNames()) {
      selected.putIfAbsent(declared, new Model(declared));
    }
    return List.copyOf(selected.values());
  }

  /// Reads the lists of models, and awaits those that have never been read. A list that is still
  /// unknown then has the state `loading`.
  private Map<UUID, ModelList> lists(
      List<ProviderEntry> entries, Predicate<ProviderEntry> isWanted, Duration wait) {
    Map<UUID, CompletableFuture<ModelList>> lists = new LinkedHashMap<>();
    int awaited = 0;
    for (ProviderEntry entry : entries) {
      if (isWanted.test(entry) && awaited < MAX_AWAITED_LISTS) {
        Optional<CompletableFuture<ModelList>> list = load(entry.id());
        list.ifPresent(it -> lists.put(entry.id(), it));
        awaited += list.filter(it -> !it.isDone()).isPresent() ? 1 : 0;
      }
    }
    CompletableFuture<Void> all =
        CompletableFuture.allOf(lists.values().toArray(CompletableFuture[]::new))
            .completeOnTimeout(null, wait.toMillis(), TimeUnit.MILLISECONDS);
    var _ = Completions.join(all);
    Map<UUID, ModelList> known = new LinkedHashMap<>();
    lists.forEach((id, list) -> known.put(id, list.getNow(UNKNOWN)));
    return known;
  }

  private Optional<CompletableFuture<ModelList>> load(UUID id) {
    try {
      return resolve(id).flatMap(this::load);
    } catch (UnreadableSecretException e) {
      return Optional.empty();
    }
  }

  private Optional<CompletableFuture<ModelList>> load(ResolvedProvider provider) {
    try {
      return provider.id().map(id -> catalog.loaded(id, provider.version(), provider.callable()));
    } catch (RuntimeException e) {
      // One provider with an unreadable configuration must not hide the models of the others.
      return Optional.empty();
    }
  }
}
