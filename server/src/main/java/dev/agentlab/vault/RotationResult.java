package dev.agentlab.vault;

import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaName;
import java.util.List;

/// The result of a rotation of the key-encryption key.
@SchemaName("EncryptionKeyRotation")
@SchemaDescription("The result of a rotation of the key-encryption key.")
public record RotationResult(
    @SchemaDescription("The id of the key-encryption key that all data keys are wrapped with now.")
        String key,
    @SchemaDescription("The number of data keys that were rewrapped.") long rewrapped,
    @SchemaDescription(
            "The ids of the keys that no data key is wrapped with any more. They are removed from"
                + " the key file; keys set in the environment can be removed there.")
        List<String> unusedKeys) {
  public RotationResult {
    unusedKeys = List.copyOf(unusedKeys);
  }
}
