package dev.agentlab.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.agentlab.json.Description;
import dev.agentlab.json.SchemaName;
import java.util.Optional;

/// What verifying the trail found.
///
/// @param rows how many were found whole, from the first on without a gap
/// @param unchained how many were recorded and wait to be chained
/// @param intact whether it is whole and the expected head, if one was given, is in it
/// @param firstBroken where it ends to be whole; empty if it is whole
/// @param unexpected where the trail is not what was expected, which says nothing about whether it
///   is whole; empty if it is, or nothing was expected
/// @param head the newest of the rows found whole
@SchemaName("AuditReport")
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record VerificationReport(
    @Description("How many rows were found whole, from the first on.") long rows,
    @Description("How many recorded rows are not chained yet; it takes a second at most.")
        long unchained,
    boolean intact,
    @Description("Where the trail itself is not as it was recorded.") Optional<Broken> firstBroken,
    @Description("Where the trail, whole or not, does not contain the head in `expected`.")
        Optional<Broken> unexpected,
    @Description("The newest of the rows found whole; note it elsewhere.") AuditHead head) {

  /// The first place at which a trail is not as it was recorded.
  ///
  /// @param seq of the row at fault, or that the missing row had; of a row that was not chained,
  ///   the next one
  /// @param why in words
  @SchemaName("AuditDefect")
  public record Broken(long seq, String why) {}
}
