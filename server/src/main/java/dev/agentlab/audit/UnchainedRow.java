package dev.agentlab.audit;

import dev.agentlab.secrets.MacInput;
import java.util.UUID;

/// A row of the table `audit_unchained` without its position and MAC: the input of the MAC.
///
/// @param id the id of the row, which it keeps when it is chained
record UnchainedRow(UUID id, HashedAuditFields change) {

  /// An injective encoding of the row: different rows have different bytes.
  byte[] encoded() {
    return change
        .encode(new MacInput("agent-lab audit unchained row 1").text(id.toString()))
        .bytes();
  }
}
