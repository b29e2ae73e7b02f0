package dev.agentlab.http;

import dev.agentlab.json.Json;
import java.util.Map;

/// Problem details (RFC 9457).
final class ProblemFormat implements ErrorFormat {
  @Override
  public EncodedError encode(Problem problem, String path, String requestId) {
    return new EncodedError(
        "application/problem+json",
        Map.of(),
        Json.MAPPER.writeValueAsBytes(problem.body(path, requestId)));
  }
}
