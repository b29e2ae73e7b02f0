package dev.agentlab.errors;

import java.time.Duration;

/// Something this service depends on does not answer now; the same request may succeed later.
public final class UnavailableException extends RuntimeException {
  private final Duration retryAfter;

  /// Says what is unavailable and when to try again.
  ///
  /// @param message what is unavailable, fit for a caller's eyes
  /// @param retryAfter how long a caller should wait before it tries again
  public UnavailableException(String message, Duration retryAfter, Throwable cause) {
    super(message, cause);
    this.retryAfter = retryAfter;
  }

  public Duration retryAfter() {
    return retryAfter;
  }
}
