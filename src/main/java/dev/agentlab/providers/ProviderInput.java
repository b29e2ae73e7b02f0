package dev.agentlab.providers;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.agentlab.errors.NameRule;
import dev.agentlab.json.Bounds;
import dev.agentlab.json.SchemaName;

/// What a provider is to be: the body of a create and of a replace. What answers have beside that
/// is ignored, so that what was read can be sent back.
///
/// @param name unique; as [dev.agentlab.errors.NameRule] has it
/// @param config `{"name": kind, "base_url": url, "options": object, "model": object}`
@JsonIgnoreProperties({"id", "created_at", "updated_at", "warnings"})
@SchemaName("ProviderInput")
public record ProviderInput(
    @Bounds(min = 1, max = NameRule.MAX_LENGTH) String name, GivenConfig config) {}
