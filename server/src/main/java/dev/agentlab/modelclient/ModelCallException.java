package dev.agentlab.modelclient;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// A model call without a response. The message is for the caller: it contains no secrets, no
/// markup and no address of the provider, and its length is bounded.
public final class ModelCallException extends RuntimeException {

  /// The kind of failure.
  public enum Kind {
    /// The connection could not be established.
    UNREACHABLE,
    /// A timeout expired.
    TIMED_OUT,
    /// The provider returned a status other than 200, or an error with status 200.
    REFUSED,
    /// The response was invalid or incomplete.
    BROKEN,
    /// The circuit breaker of the provider is open.
    SUSPENDED,
    /// No target of a route takes the call.
    NO_TARGET,
    /// The service has no memory left for the response.
    OVERLOADED,
    /// The caller no longer waited for the response.
    CANCELLED;

    /// The name in error events, logs and metrics: `timed_out`. These names are stable.
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Kind kind;
  private final String logMessage;
  private final transient Optional<ProviderError> upstream;
  private final transient Optional<Duration> retryAfter;
  private final int attempts;
  private final boolean isTransient;

  ModelCallException(
      Kind kind,
      String message,
      String logMessage,
      Optional<ProviderError> upstream,
      Optional<Duration> retryAfter,
      int attempts,
      boolean isTransient) {
    super(message);
    this.kind = kind;
    this.logMessage = logMessage;
    this.upstream = upstream;
    this.retryAfter = retryAfter;
    this.attempts = attempts;
    this.isTransient = isTransient;
  }

  public Kind kind() {
    return kind;
  }

  /// The message for the log: it may contain the address of the provider.
  public String logMessage() {
    return logMessage;
  }

  /// The machine-readable error of the provider, if it responded.
  public Optional<ProviderError> upstream() {
    return upstream;
  }

  /// The delay before the next call, if known.
  public Optional<Duration> retryAfter() {
    return retryAfter;
  }

  /// Whether the same call may succeed later.
  public boolean isTransient() {
    return isTransient;
  }

  /// The number of attempts.
  public int attempts() {
    return attempts;
  }
}
