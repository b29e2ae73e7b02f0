package dev.agentlab.modelclient;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// A call to a provider that brought no answer. Its message is for the caller: it holds no secret
/// and no markup, and is bounded.
public final class ModelCallException extends RuntimeException {

  /// What kept the answer away.
  public enum Kind {
    /// No connection was made.
    UNREACHABLE,
    /// A limit of time was reached.
    TIMED_OUT,
    /// The provider answered with another status than 200, or an error under that status.
    REFUSED,
    /// What came was no answer, or only a part of one.
    BROKEN,
    /// The provider failed so often of late that it is left alone for a while.
    SUSPENDED,
    /// The service has no memory left for the answer.
    OVERLOADED,
    /// Nobody waited for it any more.
    CANCELLED;

    /// The name in error events, logs and metrics: `timed_out`. These names do not change.
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Kind kind;
  private final transient Optional<ProviderError> upstream;
  private final transient Optional<Duration> retryAfter;
  private final int attempts;

  ModelCallException(
      Kind kind,
      String message,
      Optional<ProviderError> upstream,
      Optional<Duration> retryAfter,
      int attempts) {
    super(message);
    this.kind = kind;
    this.upstream = upstream;
    this.retryAfter = retryAfter;
    this.attempts = attempts;
  }

  public Kind kind() {
    return kind;
  }

  /// What the provider said for programs, if it answered.
  public Optional<ProviderError> upstream() {
    return upstream;
  }

  /// How long to leave the provider alone, if that is known.
  public Optional<Duration> retryAfter() {
    return retryAfter;
  }

  /// How often the provider was called.
  public int attempts() {
    return attempts;
  }
}
