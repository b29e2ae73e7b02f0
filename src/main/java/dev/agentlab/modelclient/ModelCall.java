package dev.agentlab.modelclient;

import java.util.Optional;

/// How one call of a model ended, its retries included.
///
/// @param provider the name of [Target#name]
/// @param model the one asked for
/// @param attempts how often the provider was called
/// @param failure why there is no whole answer: a [ModelCallException], or a fault of the service
public record ModelCall(String provider, String model, int attempts, Optional<Throwable> failure) {

  /// The name of its end in logs and metrics: `success`, the code of a [ModelCallException.Kind] or
  /// `internal_error`. These names do not change.
  public String outcome() {
    return failure
        .map(it -> it instanceof ModelCallException e ? e.kind().code() : "internal_error")
        .orElse("success");
  }

  /// Why there is no whole answer, fit for a log. Of a fault of the service, which is logged where
  /// it is caught and may say anything, it is the type.
  public Optional<String> cause() {
    return failure.map(it ->
        it instanceof ModelCallException e
            ? String.valueOf(e.getMessage())
            : it.getClass().getSimpleName());
  }
}
