package dev.agentlab.vault;

import java.util.List;
import java.util.stream.Collectors;

/// The key-encryption key is not rotated, because a running replica could not read the new one. The
/// message names the replicas and says what to do.
public final class StaleReplicasException extends RuntimeException {
  StaleReplicasException(List<StaleReplica> stale) {
    super(
        """
        the rotation waits until every replica can read the new key; until then the old key stays in use. %s. \
        On a replica whose keys are in the environment, set SECRETS_KEY to the new key (the first line of \
        master.key, if the new key is in a file) and SECRETS_PREVIOUS_KEYS to the old one, and restart it. \
        To one whose keys are in a file, copy the new master.key. Then rotate again. A replica that was \
        killed counts for a minute.\
        """
            .formatted(
                stale.stream().map(StaleReplica::toString).collect(Collectors.joining("; "))));
  }
}
