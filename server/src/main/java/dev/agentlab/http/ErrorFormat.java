package dev.agentlab.http;

import java.util.Map;
import java.util.function.Predicate;

/// The format of the error responses of a route group.
@FunctionalInterface
public interface ErrorFormat {

  /// The format for a request, where several APIs share a path.
  ///
  /// @param hasHeader whether the request has a header field
  default ErrorFormat forRequest(Predicate<String> hasHeader) {
    return this;
  }

  /// Encodes a problem.
  ///
  /// @param path the path of the request; `-` if the request is malformed
  /// @param requestId the id of the request in the log
  EncodedError encode(Problem problem, String path, String requestId);

  /// The body of an error response, and header fields for its format.
  @SuppressWarnings("ArrayRecordComponent") // Instances are never compared.
  record EncodedError(String mediaType, Map<String, String> headers, byte[] body) {
    public EncodedError {
      headers = Map.copyOf(headers);
    }
  }
}
