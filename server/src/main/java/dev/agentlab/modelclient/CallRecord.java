package dev.agentlab.modelclient;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.dialects.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What happened in one model call, including all its attempts.
///
/// @param streamed whether the client requested a stream
/// @param attempts in order, at least one unless no target was available
/// @param firstContent time from the start to the first content of a stream; empty for a
///   non-streaming call, and for a stream without content
/// @param duration time from the start to the end
/// @param usage the token counts that the provider reported
/// @param finishReason why the first choice ended
/// @param requestBytes the size of the last request to a provider
/// @param responseBytes the size of what the provider sent in the last attempt
/// @param losses what the translation of the request ignored or changed, one sentence each
/// @param failure the reason for an incomplete response: a [ModelCallException], or an internal
///   error
public record CallRecord(
    CallSource source,
    Operation operation,
    boolean streamed,
    CallTarget target,
    List<AttemptRecord> attempts,
    Optional<Duration> firstContent,
    Duration duration,
    TokenUsage usage,
    Optional<FinishReason> finishReason,
    long requestBytes,
    long responseBytes,
    List<String> losses,
    Optional<Throwable> failure) {

  /// One attempt of a call.
  ///
  /// @param outcome as for [CallRecord#outcome]
  public record AttemptRecord(String provider, String model, String outcome, Duration latency) {}

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

  /// The cause of the failure for logs. For an internal error it is only the exception type,
  /// because the message may contain secrets; the error is logged where it is caught.
  public Optional<String> cause() {
    return failure.map(
        it -> it instanceof ModelCallException e ? e.logMessage() : it.getClass().getSimpleName());
  }
}
