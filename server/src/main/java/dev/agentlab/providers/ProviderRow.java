package dev.agentlab.providers;

import dev.agentlab.database.Versioned;
import dev.agentlab.kinds.ProviderConfig;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/// A row of the table `providers`, with encrypted secrets.
record ProviderRow(
    UUID id,
    String name,
    ProviderConfig config,
    Instant createdAt,
    Instant updatedAt,
    long version) {

  /// The provider with masked secrets.
  Provider toProvider() {
    return new Provider(id, name, config.toMaskedJson(), createdAt, updatedAt, Optional.empty());
  }

  Versioned<Provider> toVersioned() {
    return new Versioned<>(toProvider(), version);
  }
}
