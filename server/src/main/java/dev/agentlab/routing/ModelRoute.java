package dev.agentlab.routing;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.agentlab.errors.Warnings;
import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaFrom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/// A registered model route as the API returns it.
///
/// @param name unique among routes
/// @param revision at least 1; incremented by every change
/// @param updatedAt time of creation or of the last change
/// @param warnings about the name and the configuration just stored; not stored themselves
public record ModelRoute(
    UUID id,
    String name,
    @SchemaFrom(ModelRouteConfig.class) JsonNode config,
    @SchemaDescription("Incremented by every change. The ETag is the same number.") long revision,
    Instant createdAt,
    Instant updatedAt,
    @SchemaDescription("Warnings about the name and the stored configuration.")
        @JsonInclude(JsonInclude.Include.NON_ABSENT)
        Optional<List<String>> warnings) {

  /// A copy with warnings.
  ModelRoute withWarnings(Warnings added) {
    return new ModelRoute(id, name, config, revision, createdAt, updatedAt, added.all());
  }
}
