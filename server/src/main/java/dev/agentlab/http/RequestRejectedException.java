package dev.agentlab.http;

import dev.agentlab.errors.FieldError;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Thrown to reject a request before or instead of its handler. Has no stack trace, because it is a
/// response and not a defect.
final class RequestRejectedException extends RuntimeException {
  private final transient Problem problem;
  private final transient Map<String, String> headers;
  private final boolean closesConnection;

  private RequestRejectedException(Problem problem, Map<String, String> headers, boolean closes) {
    super(problem.detail(), null, false, false);
    this.problem = problem;
    this.headers = headers;
    this.closesConnection = closes;
  }

  static RequestRejectedException of(ProblemType type, String detail) {
    return new RequestRejectedException(Problem.of(type, detail), Map.of(), false);
  }

  /// Creates a rejection for an invalid header.
  static RequestRejectedException invalid(String field, String message) {
    Problem problem = Problem.invalid(List.of(new FieldError(field, message)));
    return new RequestRejectedException(problem, Map.of(), false);
  }

  /// Creates a rejection for lack of capacity. A retry may succeed.
  static RequestRejectedException overloaded() {
    Problem problem =
        Problem.of(ProblemType.UNAVAILABLE, "too many requests in flight; retry later")
            .retryAfter(Duration.ofSeconds(1));
    return new RequestRejectedException(problem, Map.of(), false);
  }

  /// For a body that is, or will be, larger than the server takes.
  static RequestRejectedException tooLarge(String detail) {
    return of(ProblemType.PAYLOAD_TOO_LARGE, detail).withClose();
  }

  RequestRejectedException withHeader(String header, String value) {
    return withHeaders(Map.of(header, value));
  }

  RequestRejectedException withHeaders(Map<String, String> fields) {
    return new RequestRejectedException(problem, fields, closesConnection);
  }

  /// Returns a copy after which the connection is closed.
  RequestRejectedException withClose() {
    return new RequestRejectedException(problem, headers, true);
  }

  Problem problem() {
    return problem;
  }

  Map<String, String> headers() {
    return headers;
  }

  boolean closesConnection() {
    return closesConnection;
  }
}
