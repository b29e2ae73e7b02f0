package dev.agentlab.providers;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.agentlab.errors.Warnings;
import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaFrom;
import dev.agentlab.kinds.ProviderConfig;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/// A registered provider with masked secrets.
///
/// @param name unique
/// @param config the JSON of [ProviderConfig#toMaskedJson()]
/// @param updatedAt the time of creation or of the last replace
/// @param warnings for the caller that created or replaced the provider; not stored
public record Provider(
    UUID id,
    String name,
    @SchemaFrom(ProviderConfig.class) JsonNode config,
    Instant createdAt,
    Instant updatedAt,
    @SchemaDescription("Warnings about the configuration in the request, one sentence each.")
        @JsonInclude(JsonInclude.Include.NON_ABSENT)
        Optional<List<String>> warnings) {

  /// A copy with warnings.
  Provider withWarnings(Warnings added) {
    return new Provider(id, name, config, createdAt, updatedAt, added.all());
  }
}
