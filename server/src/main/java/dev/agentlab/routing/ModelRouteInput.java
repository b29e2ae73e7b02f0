package dev.agentlab.routing;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.agentlab.errors.NameRule;
import dev.agentlab.json.SchemaBounds;
import dev.agentlab.json.SchemaName;

/// The body of a request that creates or replaces a model route. Read-only members of responses are
/// ignored, so that a response can be sent back.
///
/// @param name unique among routes; must satisfy [dev.agentlab.errors.NameRule]
/// @param config `{"targets", "fallback_on", "first_content_timeout", "affinity", "parameters"}`
@JsonIgnoreProperties({"id", "revision", "created_at", "updated_at", "warnings"})
@SchemaName("ModelRouteInput")
public record ModelRouteInput(
    @SchemaBounds(min = 1, max = NameRule.MAX_LENGTH) String name, ModelRouteConfigInput config) {}
