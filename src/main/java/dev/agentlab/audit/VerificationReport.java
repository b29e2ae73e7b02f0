package dev.agentlab.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.agentlab.json.Description;
import dev.agentlab.json.SchemaName;
import java.util.Optional;

/// What verifying the trail found.
///
/// @param rows how many were found whole, from the first on without a gap
/// @param unchained how many were recorded and wait to be chained
/// @param firstBroken where it ends to be whole; empty if it is whole
/// @param head the newest of the rows found whole
@SchemaName("AuditReport")
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record VerificationReport(
    @Description("How many rows were found whole, from the first on.") long rows,
    @Description("How many recorded rows are not chained yet; it takes a second at most.")
        long unchained,
    boolean intact,
    Optional<Broken> firstBroken,
    @Description("The newest of the rows found whole; note it elsewhere.") AuditHead head) {

  /// The first place at which a trail is not as it was recorded.
  ///
  /// @param seq of the row at fault, or that the missing row had; of a row that was not chained,
  ///   the next one
  /// @param why in words
  @SchemaName("AuditDefect")
  public record Broken(long seq, String why) {}
}
