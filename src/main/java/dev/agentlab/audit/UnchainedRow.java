package dev.agentlab.audit;

import dev.agentlab.secrets.MacInput;
import java.util.UUID;

/// A row of the table `audit_unchained` but for its position and its MAC: what the MAC is of.
///
/// @param id of the row, wherever it is
record UnchainedRow(UUID id, RecordedChange change) {

  /// All of it; no two different rows are the same bytes.
  byte[] encoded() {
    return change.in(new MacInput("agent-lab audit unchained row 1").text(id.toString())).bytes();
  }
}
