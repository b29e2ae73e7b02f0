package dev.agentlab.audit;

import dev.agentlab.json.SchemaBounds;
import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaName;

/// The head of an audit trail: the sequence number and hash of its newest row. Stored elsewhere, it
/// allows a later check that the trail still contains the row.
///
/// @param seq the sequence number; 0 before the first row
@SchemaName("AuditHead")
@SchemaDescription(
    "The head of the audit trail: its newest row at a time. Store it elsewhere to verify later that"
        + " the trail still contains the row.")
public record AuditHead(
    @SchemaDescription("The sequence number; 0 before the first row.") @SchemaBounds long seq,
    AuditHash hash) {
  /// The head of an empty trail.
  static final AuditHead START = new AuditHead(0, AuditHash.NONE);
}
