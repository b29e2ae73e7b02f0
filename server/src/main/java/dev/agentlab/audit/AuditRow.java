package dev.agentlab.audit;

import dev.agentlab.secrets.MacInput;

/// A row of the table `audit` without its own hash: the input of that hash.
///
/// @param seq the sequence number, from 1 without a gap
/// @param previousHash the hash of the previous row, [AuditHash#NONE] for the first
record AuditRow(long seq, HashedAuditFields change, AuditHash previousHash) {

  /// An injective encoding of the row: different rows have different bytes.
  byte[] encoded() {
    return change
        .encode(new MacInput("agent-lab audit row 1").number(seq))
        .bytes(previousHash.bytes())
        .bytes();
  }
}
