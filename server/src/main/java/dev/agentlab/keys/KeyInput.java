package dev.agentlab.keys;

import dev.agentlab.errors.NameRule;
import dev.agentlab.json.SchemaBounds;
import dev.agentlab.json.SchemaName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The request body that creates an API key.
///
/// @param name the display name, valid by [dev.agentlab.errors.NameRule], not unique
/// @param scopes scopes such as `agents:read`, or `invoke:<agent>` with an agent's id or name
/// @param expiresAt the expiry; none if absent
@SchemaName("ApiKeyInput")
public record KeyInput(
    @SchemaBounds(min = 1, max = NameRule.MAX_LENGTH) String name,
    @SchemaBounds(min = 1, max = ScopeParser.MAX_SCOPES) List<String> scopes,
    Optional<Instant> expiresAt) {}
