package dev.agentlab.vault;

import dev.agentlab.json.Description;
import dev.agentlab.json.SchemaName;
import java.util.List;

/// What a rotation did.
@SchemaName("EncryptionKeyRotation")
@Description("All data keys are wrapped with this key now.")
public record RotationResult(
    @Description("The id of the key, which tells nothing of it.") String key,
    @Description("How many data keys were wrapped anew.") long rewrapped,
    @Description(
            "Keys that nothing is wrapped with any more. They are gone from the file; set in the"
                + " environment, they can go from there.")
        List<String> unusedKeys) {
  public RotationResult {
    unusedKeys = List.copyOf(unusedKeys);
  }
}
