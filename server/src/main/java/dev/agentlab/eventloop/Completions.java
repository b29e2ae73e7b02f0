package dev.agentlab.eventloop;

import java.util.concurrent.CompletionException;

/// Reads the failures of [java.util.concurrent.CompletableFuture]s.
public final class Completions {
  private Completions() {}

  /// The exception that a computation threw: a dependent stage receives it wrapped.
  public static Throwable cause(Throwable thrown) {
    Throwable cause = thrown.getCause();
    return thrown instanceof CompletionException && cause != null ? cause : thrown;
  }
}
