package dev.agentlab.audit;

import dev.agentlab.secrets.Encoding;
import java.time.Instant;
import java.util.Optional;

/// A row of the table `audit` but for its own hash: what that is the hash of.
///
/// @param seq counts from 1 without a gap
/// @param at to the microsecond
/// @param before the text the database gives of what it stored, as is `after`
/// @param previousHash the hash of the row before, [Hash#NONE] for the first
record AuditRow(
    long seq,
    Instant at,
    String callerKind,
    String callerId,
    String callerName,
    Optional<String> address,
    Optional<String> requestId,
    String action,
    String kind,
    String resourceId,
    String resourceName,
    Optional<String> before,
    Optional<String> after,
    Hash previousHash) {

  /// All of it; no two different rows are the same bytes.
  byte[] encoded() {
    return new Encoding("agent-lab audit row 1")
        .number(seq)
        .time(at)
        .text(callerKind)
        .text(callerId)
        .text(callerName)
        .optional(address, Encoding::text)
        .optional(requestId, Encoding::text)
        .text(action)
        .text(kind)
        .text(resourceId)
        .text(resourceName)
        .optional(before, Encoding::text)
        .optional(after, Encoding::text)
        .bytes(previousHash.bytes())
        .bytes();
  }
}
