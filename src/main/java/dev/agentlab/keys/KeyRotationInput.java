package dev.agentlab.keys;

import dev.agentlab.json.Description;
import dev.agentlab.json.SchemaName;
import java.util.Optional;

/// How a key is to be replaced.
///
/// @param overlap how long the present one is good beside the new one, such as `24h` or `0s`
@SchemaName("ApiKeyRotation")
public record KeyRotationInput(
    @Description(
            "How long the present key is good beside the new one; 24h unless given, at most 720h.")
        Optional<String> overlap) {}
