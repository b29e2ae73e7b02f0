package dev.agentlab.vault;

import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaName;
import java.util.List;

/// The state of the encryption of stored secrets.
@SchemaName("EncryptionStatus")
@SchemaDescription("The state of the encryption of stored secrets.")
public record VaultStatus(
    @SchemaDescription("The id of the newest key-encryption key.") String key,
    @SchemaDescription("The source of the key-encryption keys: file or environment.") String source,
    @SchemaDescription(
            "The number of data keys: one for each row with secrets, and one for the service.")
        long dataKeys,
    @SchemaDescription(
            "The number of data keys that are wrapped with an older key; a rotation rewraps them.")
        long outdated,
    @SchemaDescription("The running replicas that a rotation waits for.")
        List<StaleReplica> staleReplicas) {
  public VaultStatus {
    staleReplicas = List.copyOf(staleReplicas);
  }
}
