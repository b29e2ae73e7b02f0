package dev.agentlab.http;

import dev.agentlab.errors.FieldError;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// A request that the edge itself does not let through. Carries no stack trace: it is an answer,
/// not a fault.
final class Refusal extends RuntimeException {
  private final transient Problem problem;
  private final transient Map<String, String> headers;
  private final boolean closes;

  private Refusal(Problem problem, Map<String, String> headers, boolean closes) {
    super(problem.detail(), null, false, false);
    this.problem = problem;
    this.headers = headers;
    this.closes = closes;
  }

  static Refusal of(ProblemType type, String detail) {
    return new Refusal(Problem.of(type, detail), Map.of(), false);
  }

  /// For a header that is at fault.
  static Refusal invalid(String field, String message) {
    Problem problem = Problem.invalid(List.of(new FieldError(field, message)));
    return new Refusal(problem, Map.of(), false);
  }

  /// For want of room: another moment may have it.
  static Refusal overload() {
    Problem problem =
        Problem.of(ProblemType.UNAVAILABLE, "too many requests are being handled; try again")
            .retryAfter(Duration.ofSeconds(1));
    return new Refusal(problem, Map.of(), false);
  }

  /// For a body that is, or will be, larger than the server takes.
  static Refusal tooLarge(int maxBytes) {
    return of(ProblemType.PAYLOAD_TOO_LARGE, "a body is at most %d bytes".formatted(maxBytes))
        .andClose();
  }

  Refusal with(String header, String value) {
    return new Refusal(problem, Map.of(header, value), closes);
  }

  /// The same, after which the connection is of no more use.
  Refusal andClose() {
    return new Refusal(problem, headers, true);
  }

  Problem problem() {
    return problem;
  }

  Map<String, String> headers() {
    return headers;
  }

  boolean closes() {
    return closes;
  }
}
