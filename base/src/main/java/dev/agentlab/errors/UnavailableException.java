package dev.agentlab.errors;

import java.time.Duration;

/// Thrown if a dependency of the service is unavailable; the same request may succeed later.
public final class UnavailableException extends RuntimeException {
  private final Duration retryAfter;

  /// Creates an exception with a message for the caller.
  ///
  /// @param message what is unavailable, without internal details
  /// @param retryAfter how long a caller should wait before the next attempt
  public UnavailableException(String message, Duration retryAfter, Throwable cause) {
    super(message, cause);
    this.retryAfter = retryAfter;
  }

  /// Creates an exception without a cause; see the other constructor.
  public UnavailableException(String message, Duration retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }

  public Duration retryAfter() {
    return retryAfter;
  }
}
