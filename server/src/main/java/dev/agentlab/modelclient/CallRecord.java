package dev.agentlab.modelclient;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.dialects.Operation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What happened in one model call, including all its attempts.
///
/// @param streamed whether the client requested a stream
/// @param startedAt by the clock of this replica
/// @param target the target that was called last
/// @param route where a route sent the call, and why; empty without a route
/// @param attempts in order, at least one unless no target was available
/// @param firstContent time from the start to the first content of a stream; empty for a
///   non-streaming call, and for a stream without content
/// @param duration time from the start to the end
/// @param usage the token counts
/// @param usageSource where they come from
/// @param finishReason why the first choice ended
/// @param providerRequestId the id that the provider gave the last attempt
/// @param requestBytes the size of the last request to a provider
/// @param responseBytes the size of what the provider sent in the last attempt
/// @param losses what the translation of the request ignored or changed, one sentence each
/// @param failure the reason for an incomplete response: a [ModelCallException], or an internal
///   error
public record CallRecord(
    CallSource source,
    Operation operation,
    boolean streamed,
    Instant startedAt,
    CallTarget target,
    Optional<RouteDecision> route,
    List<AttemptRecord> attempts,
    Optional<Duration> firstContent,
    Duration duration,
    TokenUsage usage,
    UsageSource usageSource,
    Optional<FinishReason> finishReason,
    Optional<String> providerRequestId,
    long requestBytes,
    long responseBytes,
    List<String> losses,
    Optional<Throwable> failure) {

  /// One attempt of a call.
  ///
  /// @param target the name of the target in the plan of the call
  /// @param outcome as for [CallRecord#outcome]
  /// @param message what went wrong, for the caller
  public record AttemptRecord(
      String target,
      String provider,
      String model,
      String outcome,
      Optional<String> message,
      Duration latency) {}

  /// Where token counts come from.
  public enum UsageSource {
    /// The provider reported all of them.
    REPORTED,
    /// The response ended early, and some of them are estimated.
    ESTIMATED,
    /// There are none: the provider reports none, or was not called.
    NONE;

    /// The name in records; never changes once released.
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// How a call of a route ended.
  public enum RouteResult {
    /// The target that came first answered.
    FIRST,
    /// A later target answered.
    MOVED,
    /// The response broke off after its first content, and an error event ended it.
    ERROR_EVENT,
    /// No target had content.
    FAILED,
    /// The client left.
    CANCELLED;

    /// The name in records and metrics; never changes once released.
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public CallRecord {
    attempts = List.copyOf(attempts);
    losses = List.copyOf(losses);
  }

  /// The name of the provider that was called last.
  public String provider() {
    return target.provider();
  }

  /// The model that was requested last.
  public String model() {
    return target.model();
  }

  /// The outcome in logs and metrics: `success`, the code of a [ModelCallException.Kind] or
  /// `internal_error`. These names are stable.
  public String outcome() {
    return failure
        .map(it -> it instanceof ModelCallException e ? e.kind().code() : "internal_error")
        .orElse("success");
  }

  /// How the call ended, for one of a route.
  public RouteResult routeResult() {
    if (failure.isPresent()) {
      if (failure.get() instanceof ModelCallException e
          && e.kind() == ModelCallException.Kind.CANCELLED) {
        return RouteResult.CANCELLED;
      }
      return firstContent.isPresent() ? RouteResult.ERROR_EVENT : RouteResult.FAILED;
    }
    boolean isFirst =
        route.isEmpty()
            || attempts.isEmpty()
            || attempts.getLast().target().equals(route.get().order().getFirst());
    return isFirst ? RouteResult.FIRST : RouteResult.MOVED;
  }

  /// The cause of the failure for logs. For an internal error it is only the exception type,
  /// because the message may contain secrets; the error is logged where it is caught.
  public Optional<String> cause() {
    return failure.map(
        it -> it instanceof ModelCallException e ? e.logMessage() : it.getClass().getSimpleName());
  }
}
