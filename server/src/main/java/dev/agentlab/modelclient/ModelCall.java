package dev.agentlab.modelclient;

import java.util.Optional;

/// The outcome of one model call, including its retries.
///
/// @param provider the value of [Target#name]
/// @param model the requested model
/// @param attempts the number of attempts
/// @param failure the reason for an incomplete response: a [ModelCallException], or an internal
///   error
public record ModelCall(String provider, String model, int attempts, Optional<Throwable> failure) {

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
    return failure.map(it ->
        it instanceof ModelCallException e
            ? String.valueOf(e.getMessage())
            : it.getClass().getSimpleName());
  }
}
