package dev.agentlab.keys;

import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaName;
import java.util.Optional;

/// The request body that rotates an API key.
///
/// @param overlap how long the old secret remains valid, such as `24h` or `0s`
@SchemaName("ApiKeyRotation")
public record KeyRotationInput(
    @SchemaDescription(
            "How long the old secret remains valid beside the new one; default 24h, at most 720h.")
        Optional<String> overlap) {}
