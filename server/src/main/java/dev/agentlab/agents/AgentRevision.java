package dev.agentlab.agents;

import dev.agentlab.json.SchemaFrom;
import java.time.Instant;
import tools.jackson.databind.JsonNode;

/// One revision of an agent as the API returns it; its secrets are masked.
///
/// @param revision at least 1
/// @param createdAt time from which the revision was in effect
public record AgentRevision(
    long revision,
    String name,
    @SchemaFrom(AgentConfig.class) JsonNode config,
    Instant createdAt) {}
