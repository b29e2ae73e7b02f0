package dev.agentlab.providers;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.Warnings;
import dev.agentlab.kinds.Model;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;

/// Warns about the models that a provider's configuration names and another provider has too.
///
/// @param cachedModels the cached lists of the models of providers, by the id of the provider
record SharedModelDetector(Supplier<Map<UUID, List<Model>>> cachedModels) {
  private static final int MAX_WARNINGS = 10;

  /// Adds a warning for each shared name, up to a maximum.
  ///
  /// @param provider the provider as created or replaced
  /// @param all all providers, the most preferred first
  void warn(ProviderEntry provider, List<ProviderEntry> all, Warnings warnings) {
    Map<String, ProviderEntry> others = findOthers(provider, all);
    List<String> shared =
        provider.models().declaredNames().stream().filter(others::containsKey).toList();
    for (String name : shared.subList(0, Math.min(shared.size(), MAX_WARNINGS))) {
      warnings.add(
          "config.options.models[%d]".formatted(provider.models().patterns().indexOf(name)),
          describe(name, provider, Objects.requireNonNull(others.get(name))));
    }
    if (shared.size() > MAX_WARNINGS) {
      warnings.add(
          "config.options.models",
          "has %d more models that other providers have too"
              .formatted(shared.size() - MAX_WARNINGS));
    }
  }

  /// The most preferred other provider that has a model, by the name of the model.
  private Map<String, ProviderEntry> findOthers(ProviderEntry provider, List<ProviderEntry> all) {
    Map<UUID, List<Model>> listedModels = cachedModels.get();
    Map<String, ProviderEntry> others = new HashMap<>();
    for (ProviderEntry other : all) {
      if (!other.id().equals(provider.id())) {
        for (String name : other.models().declaredNames()) {
          others.putIfAbsent(name, other);
        }
        for (Model listed : listedModels.getOrDefault(other.id(), List.of())) {
          if (provider.models().declares(listed.id()) && other.models().allows(listed.id())) {
            others.putIfAbsent(listed.id(), other);
          }
        }
      }
    }
    return others;
  }

  private static String describe(String model, ProviderEntry provider, ProviderEntry other) {
    boolean isPreferred = ProviderEntry.PREFERENCE.compare(provider, other) < 0;
    ProviderEntry first = isPreferred ? provider : other;
    ProviderEntry second = isPreferred ? other : provider;
    String reason =
        first.priority() == second.priority()
            ? "it is older"
            : "its priority is higher, %d and not %d"
                .formatted(first.priority(), second.priority());
    return ("is \"%s\", which the provider \"%s\" has too: \"%s\" answers requests that name only"
            + " the model, because %s")
        .formatted(Excerpt.of(model), Excerpt.of(other.name()), Excerpt.of(first.name()), reason);
  }
}
