package dev.agentlab.config;

import java.time.Duration;
import java.util.List;

/// Which pages of other origins a browser lets call this service (CORS, the Fetch standard).
///
/// @param origins matched exactly, as browsers send them: `https://lab.example.org`
/// @param maxAge how long a browser may keep the answer to a preflight; whole seconds
public record CorsConfig(
    boolean enabled,
    List<String> origins,
    List<String> allowedMethods,
    List<String> allowedHeaders,
    boolean allowCredentials,
    Duration maxAge) {
  public CorsConfig {
    origins = List.copyOf(origins);
    allowedMethods = List.copyOf(allowedMethods);
    allowedHeaders = List.copyOf(allowedHeaders);
  }
}
