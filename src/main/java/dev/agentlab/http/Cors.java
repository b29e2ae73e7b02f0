package dev.agentlab.http;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/// Which other origins a browser may let in (Fetch standard, CORS protocol).
///
/// @param origins matched exactly, such as `https://console.example`
/// @param allowCredentials whether a browser may send cookies and the like
/// @param maxAge how long a browser may remember the answer to a preflight
public record Cors(
    Set<String> origins,
    List<String> allowedMethods,
    List<String> allowedHeaders,
    boolean allowCredentials,
    Duration maxAge) {
  public Cors {
    origins = Set.copyOf(origins);
    allowedMethods = List.copyOf(allowedMethods);
    allowedHeaders = List.copyOf(allowedHeaders);
  }
}
