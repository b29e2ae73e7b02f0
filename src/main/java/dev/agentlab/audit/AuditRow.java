package dev.agentlab.audit;

import dev.agentlab.secrets.MacInput;

/// A row of the table `audit` but for its own hash: what that is the hash of.
///
/// @param seq counts from 1 without a gap
/// @param previousHash the hash of the row before, [AuditHash#NONE] for the first
record AuditRow(long seq, RecordedChange change, AuditHash previousHash) {

  /// All of it; no two different rows are the same bytes.
  byte[] encoded() {
    return change
        .in(new MacInput("agent-lab audit row 1").number(seq))
        .bytes(previousHash.bytes())
        .bytes();
  }
}
