package dev.agentlab.providers;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.agentlab.errors.NameRule;
import dev.agentlab.json.SchemaBounds;
import dev.agentlab.json.SchemaName;

/// The request body of a create and of a replace. Members that only responses have are ignored, so
/// that a caller can send back a response.
///
/// @param name unique; valid according to [dev.agentlab.errors.NameRule]
/// @param config `{"name": kind, "base_url": url, "options": object, "model": object}`
@JsonIgnoreProperties({"id", "created_at", "updated_at", "warnings"})
@SchemaName("ProviderInput")
public record ProviderInput(
    @SchemaBounds(min = 1, max = NameRule.MAX_LENGTH) String name, ProviderConfigInput config) {}
