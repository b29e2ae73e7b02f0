package dev.agentlab.vault;

import dev.agentlab.json.Description;
import dev.agentlab.json.SchemaName;
import java.util.List;

/// The state of the encryption of stored secrets.
@SchemaName("EncryptionStatus")
@Description("The state of the encryption of stored secrets.")
public record VaultStatus(
    @Description("The id of the newest key-encryption key.") String key,
    @Description("The source of the key-encryption keys: file or environment.") String source,
    @Description("The number of data keys: one for each row with secrets, and one for the service.")
        long dataKeys,
    @Description(
            "The number of data keys that are wrapped with an older key; a rotation rewraps them.")
        long outdated,
    @Description("The running replicas that a rotation waits for.")
        List<StaleReplica> staleReplicas) {
  public VaultStatus {
    staleReplicas = List.copyOf(staleReplicas);
  }
}
