package dev.agentlab.providers;

import dev.agentlab.kinds.Model;
import dev.agentlab.kinds.ModelSelection;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;

/// A registered provider in the list from which the gateway selects; without its secrets.
///
/// @param kind the name of its kind; empty if the stored configuration has none
/// @param priority the highest is preferred among providers that have a model of the same name
/// @param models the models that the gateway offers
public record ProviderEntry(
    UUID id, String name, String kind, int priority, ModelSelection models, Instant createdAt) {

  /// The most preferred provider first: by priority, of equals the oldest.
  static final Comparator<ProviderEntry> PREFERENCE =
      Comparator.comparingInt(ProviderEntry::priority)
          .reversed()
          .thenComparing(ProviderEntry::createdAt)
          .thenComparing(ProviderEntry::id);

  /// Whether the gateway offers the model: its configuration names it, or the provider lists it and
  /// the configuration allows it.
  ///
  /// @param listed the provider's own list; empty if it is not known
  public boolean offers(String model, List<Model> listed) {
    return models.declares(model)
        || (models.allows(model) && listed.stream().anyMatch(it -> it.id().equals(model)));
  }
}
