package dev.agentlab.responses;

import java.time.Duration;

/// How many responses the service keeps, and how long. Those that a provider keeps do not count.
///
/// @param period how long; zero to keep none
/// @param maxResponses the maximum number of responses of one caller
/// @param maxBytes the maximum size of the encrypted content of all responses of one caller
public record RetentionLimits(Duration period, int maxResponses, long maxBytes) {

  /// Whether responses are kept at all.
  public boolean keepsResponses() {
    return period.isPositive();
  }
}
