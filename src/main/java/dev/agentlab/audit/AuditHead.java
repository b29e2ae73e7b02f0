package dev.agentlab.audit;

import dev.agentlab.json.Bounds;
import dev.agentlab.json.Description;
import dev.agentlab.json.SchemaName;

/// The newest row of a trail: noted elsewhere, it shows later whether the trail still holds it.
///
/// @param seq 0 before the first row
@SchemaName("AuditHead")
@Description(
    "A row of the trail that was the newest. Noted elsewhere it proves that it is still there.")
public record AuditHead(@Description("0 before the first row.") @Bounds long seq, AuditHash hash) {
  /// Of a trail that nothing was recorded in yet.
  static final AuditHead START = new AuditHead(0, AuditHash.NONE);
}
