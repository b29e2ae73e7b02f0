package dev.agentlab.vault;

import dev.agentlab.json.SchemaDescription;
import java.util.List;

/// A running replica that cannot read the newest key-encryption key of another replica.
@SchemaDescription(
    "A running replica that cannot read the newest key-encryption key of another replica.")
public record StaleReplica(
    @SchemaDescription("The address as the database sees it, and the port that it listens on.")
        String address,
    @SchemaDescription("The source of its key-encryption keys: file or environment.") String source,
    @SchemaDescription("The ids of the key-encryption keys that it cannot read.")
        List<String> missingKeys) {
  public StaleReplica {
    missingKeys = List.copyOf(missingKeys);
  }

  @Override
  public String toString() {
    return "%s (%s) lacks the key %s".formatted(address, source, String.join(", ", missingKeys));
  }
}
