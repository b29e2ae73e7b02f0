package dev.agentlab.routing;

import dev.agentlab.json.SchemaFrom;
import java.time.Instant;
import tools.jackson.databind.JsonNode;

/// One revision of a model route as the API returns it.
///
/// @param revision at least 1
/// @param createdAt time from which the revision was in effect
public record ModelRouteRevision(
    long revision,
    String name,
    @SchemaFrom(ModelRouteConfig.class) JsonNode config,
    Instant createdAt) {}
