package dev.agentlab.agents;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.agentlab.errors.Warnings;
import dev.agentlab.json.Description;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// A registered agent, as everyone may see it.
///
/// @param name unique
/// @param revision at least 1; every change makes it one greater
/// @param updatedAt when it was created or last changed
/// @param warnings what the caller who has just stored it should know; not stored
public record Agent(
    UUID id,
    String name,
    ShownAgentConfig config,
    @Description("Every change makes it one greater; the ETag is the same number.") long revision,
    Instant createdAt,
    Instant updatedAt,
    @Description("What to know about the config just stored, in sentences.")
        @JsonInclude(JsonInclude.Include.NON_ABSENT)
        Optional<List<String>> warnings) {

  /// The same with what the caller should know.
  Agent with(Warnings noted) {
    return new Agent(id, name, config, revision, createdAt, updatedAt, noted.all());
  }
}
