package dev.agentlab.vault;

import dev.agentlab.json.Description;
import dev.agentlab.json.SchemaName;
import java.util.List;

/// What stored secrets are kept under.
@SchemaName("EncryptionStatus")
@Description("What stored secrets are kept under.")
public record VaultStatus(
    @Description("The id of the newest key, which tells nothing of it.") String key,
    @Description("Where the key is: file or environment.") String source,
    @Description(
            "How many keys are wrapped with it or an older one: one for each row with secrets,"
                + " and one for the service.")
        long dataKeys,
    @Description("How many of them are under an older key; a rotation brings them up to date.")
        long outdated,
    @Description("The running replicas that a rotation waits for.")
        List<StaleReplica> staleReplicas) {
  public VaultStatus {
    staleReplicas = List.copyOf(staleReplicas);
  }
}
