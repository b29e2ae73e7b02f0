package dev.agentlab.http;

import dev.agentlab.errors.FieldError;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A failure as a caller sees it; sent as `application/problem+json` (RFC 9457).
///
/// @param detail what happened this time and what would be right; never holds a secret
/// @param errors the fields at fault, when the failure is about fields
/// @param retryAfter how long to wait before the same request may succeed
public record Problem(
    ProblemType type, String detail, List<FieldError> errors, Optional<Duration> retryAfter) {
  public Problem {
    errors = List.copyOf(errors);
  }

  public static Problem of(ProblemType type, String detail) {
    return new Problem(type, detail, List.of(), Optional.empty());
  }

  /// A request at fault in the fields named.
  public static Problem invalid(List<FieldError> errors) {
    String detail = String.join("; ", errors.stream().map(FieldError::toString).toList());
    return new Problem(ProblemType.INVALID_REQUEST, detail, errors, Optional.empty());
  }

  public Problem retryAfter(Duration wait) {
    return new Problem(type, detail, errors, Optional.of(wait));
  }
}
