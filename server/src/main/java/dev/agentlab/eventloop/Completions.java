package dev.agentlab.eventloop;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// Reads the failures of [java.util.concurrent.CompletableFuture]s.
public final class Completions {
  private Completions() {}

  /// The exception that a computation threw: a dependent stage receives it wrapped.
  public static Throwable cause(Throwable thrown) {
    Throwable cause = thrown.getCause();
    return thrown instanceof CompletionException && cause != null ? cause : thrown;
  }

  /// The exception that a computation threw, to be thrown again; wrapped only if it is checked or
  /// an error.
  public static RuntimeException toRuntimeException(Throwable thrown) {
    return cause(thrown) instanceof RuntimeException exception
        ? exception
        : new CompletionException(cause(thrown));
  }

  /// Waits for a result. Blocks.
  ///
  /// @throws RuntimeException the exception that the computation threw
  public static <T> T join(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      throw toRuntimeException(e);
    }
  }
}
