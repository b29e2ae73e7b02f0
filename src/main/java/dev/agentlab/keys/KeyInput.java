package dev.agentlab.keys;

import dev.agentlab.errors.NameRule;
import dev.agentlab.json.Bounds;
import dev.agentlab.json.SchemaName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a key is to be.
///
/// @param name for people; as [dev.agentlab.errors.NameRule] has it, not unique
/// @param scopes such as `agents:read`, or `invoke:<agent>` with an agent's id or name
/// @param expiresAt when it ends by itself; never if left out
@SchemaName("ApiKeyInput")
public record KeyInput(
    @Bounds(min = 1, max = NameRule.MAX_LENGTH) String name,
    @Bounds(min = 1, max = ScopeParser.MAX_SCOPES) List<String> scopes,
    Optional<Instant> expiresAt) {}
