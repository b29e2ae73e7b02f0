package dev.agentlab.providers;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.agentlab.errors.Warnings;
import dev.agentlab.json.Description;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// A registered provider, as everyone may see it.
///
/// @param name unique
/// @param updatedAt when it was created or last replaced
/// @param warnings what the caller who has just stored it should know; not stored
public record Provider(
    UUID id,
    String name,
    ShownConfig config,
    Instant createdAt,
    Instant updatedAt,
    @Description("What to know about the config just stored, in sentences.")
        @JsonInclude(JsonInclude.Include.NON_ABSENT)
        Optional<List<String>> warnings) {

  /// The same with what the caller should know.
  Provider with(Warnings noted) {
    return new Provider(id, name, config, createdAt, updatedAt, noted.all());
  }
}
