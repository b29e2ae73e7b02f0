package dev.agentlab.http;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/// The CORS policy (Fetch standard, CORS protocol).
///
/// @param origins the allowed origins, matched exactly, such as `https://console.example`
/// @param allowCredentials whether a browser may send credentials such as cookies
/// @param maxAge how long a browser may cache the response to a preflight request
public record CorsPolicy(
    Set<String> origins,
    List<String> allowedMethods,
    List<String> allowedHeaders,
    boolean allowCredentials,
    Duration maxAge) {
  public CorsPolicy {
    origins = Set.copyOf(origins);
    allowedMethods = List.copyOf(allowedMethods);
    allowedHeaders = List.copyOf(allowedHeaders);
  }
}
