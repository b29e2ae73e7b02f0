package dev.agentlab.vault;

import dev.agentlab.json.Description;
import dev.agentlab.json.SchemaName;
import java.util.List;

/// The result of a rotation of the key-encryption key.
@SchemaName("EncryptionKeyRotation")
@Description("The result of a rotation of the key-encryption key.")
public record RotationResult(
    @Description("The id of the key-encryption key that all data keys are wrapped with now.")
        String key,
    @Description("The number of data keys that were rewrapped.") long rewrapped,
    @Description(
            "The ids of the keys that no data key is wrapped with any more. They are removed from"
                + " the key file; keys set in the environment can be removed there.")
        List<String> unusedKeys) {
  public RotationResult {
    unusedKeys = List.copyOf(unusedKeys);
  }
}
