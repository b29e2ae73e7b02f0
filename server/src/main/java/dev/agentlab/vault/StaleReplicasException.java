package dev.agentlab.vault;

import java.util.List;
import java.util.stream.Collectors;

/// Thrown if a running replica cannot read the new key-encryption key, which is then not rotated.
/// The message names the replicas and a remedy.
public final class StaleReplicasException extends RuntimeException {
  StaleReplicasException(List<StaleReplica> stale) {
    super(
        """
        the rotation requires that every replica can read the new key; until then the old key stays in use. %s. \
        On a replica whose keys are in the environment, set SECRETS_KEY to the new key (the first line of \
        master.key, if the new key is in a file) and SECRETS_PREVIOUS_KEYS to the old one, and restart it. \
        To a replica whose keys are in a file, copy the new master.key. Then rotate again. A replica that was \
        killed counts as running for a minute.\
        """
            .formatted(
                stale.stream().map(StaleReplica::toString).collect(Collectors.joining("; "))));
  }
}
