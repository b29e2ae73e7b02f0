package dev.agentlab.audit;

import com.google.re2j.Pattern;
import dev.agentlab.errors.FieldErrors;
import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaName;
import java.util.Optional;

/// The body of `POST /api/audit/verify`, which may be `{}`.
///
/// @param expected the head of an earlier verification
@SchemaName("AuditVerification")
public record VerifyInput(
    @SchemaDescription(
            "The head of an earlier verification, which the audit trail must still contain.")
        Optional<AuditHead> expected) {
  private static final Pattern HASH = Pattern.compile(AuditHash.PATTERN);

  /// @throws dev.agentlab.errors.InvalidInputException if the head is malformed
  public VerifyInput {
    FieldErrors errors = new FieldErrors();
    expected.ifPresent(head -> {
      if (head.seq() < 0) {
        errors.add("expected.seq", "must be at least 0, was %d".formatted(head.seq()));
      }
      if (!HASH.matches(head.hash().hex())) {
        errors.add("expected.hash", "must be 64 lower-case hexadecimal digits");
      }
    });
    errors.throwIfAny();
  }
}
