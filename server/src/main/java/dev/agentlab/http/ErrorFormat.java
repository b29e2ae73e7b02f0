package dev.agentlab.http;

import java.util.Map;

/// The format of the error responses of a route group.
@FunctionalInterface
public interface ErrorFormat {

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
