package dev.agentlab.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaName;
import java.util.Optional;

/// The result of verifying the audit trail.
///
/// @param rows the number of intact rows, from the first without a gap
/// @param unchained the number of recorded rows that are not chained yet
/// @param intact whether the trail is intact and contains the expected head, if one was given
/// @param firstBroken the first defect; empty if the trail is intact in itself
/// @param unexpected where the trail differs from the expected head, whether or not it is intact in
///   itself; empty if it contains the head, or none was expected
/// @param head the newest intact row
@SchemaName("AuditReport")
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record VerificationReport(
    @SchemaDescription("The number of intact rows, from the first on.") long rows,
    @SchemaDescription(
            "The number of recorded rows that are not chained yet; chaining takes at most a second.")
        long unchained,
    boolean intact,
    @SchemaDescription("The first defect of the trail itself.") Optional<Defect> firstBroken,
    @SchemaDescription("Where the trail, intact in itself or not, lacks the head in `expected`.")
        Optional<Defect> unexpected,
    @SchemaDescription("The newest intact row. Store it elsewhere for a later verification.")
        AuditHead head) {

  /// The first defect of an audit trail.
  ///
  /// @param seq the sequence number of the broken or missing row; for an unchained row, the next
  ///   sequence number
  /// @param why the reason, as text
  @SchemaName("AuditDefect")
  public record Defect(long seq, String why) {}
}
