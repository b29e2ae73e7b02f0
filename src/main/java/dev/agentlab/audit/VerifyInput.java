package dev.agentlab.audit;

import com.google.re2j.Pattern;
import dev.agentlab.errors.FieldErrors;
import dev.agentlab.json.Description;
import dev.agentlab.json.SchemaName;
import java.util.Optional;

/// How to verify the trail: the body of `POST /api/audit/verify`, which may be `{}`.
///
/// @param expected a head that was noted when the trail was verified before
@SchemaName("AuditVerification")
public record VerifyInput(
    @Description("A head noted before, which must still be in the trail.")
        Optional<AuditHead> expected) {
  private static final Pattern HASH = Pattern.compile(AuditHash.PATTERN);

  /// @throws dev.agentlab.errors.InvalidInputException if there can be no such head
  public VerifyInput {
    FieldErrors faults = new FieldErrors();
    expected.ifPresent(head -> {
      if (head.seq() < 0) {
        faults.add("expected.seq", "must be at least 0");
      }
      if (!HASH.matches(head.hash().hex())) {
        faults.add("expected.hash", "must be 64 hexadecimal digits in lower case");
      }
    });
    faults.refuse();
  }
}
