package dev.agentlab.vault;

import dev.agentlab.json.Description;
import java.util.List;

/// A running replica that cannot read the newest key-encryption key of another one.
@Description("A running replica that cannot read the newest key-encryption key of another one.")
public record StaleReplica(
    @Description("Its address as the database sees it, and the port it listens on.") String address,
    @Description("Where its keys are: file or environment.") String source,
    @Description("The ids of the keys that it cannot read.") List<String> missingKeys) {
  public StaleReplica {
    missingKeys = List.copyOf(missingKeys);
  }

  @Override
  public String toString() {
    return "%s (%s) lacks the key %s".formatted(address, source, String.join(", ", missingKeys));
  }
}
