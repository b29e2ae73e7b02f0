package dev.agentlab.lifecycle;

/// A part that did not start or did not stop as it should. What failed after it is suppressed.
public final class LifecycleException extends RuntimeException {

  LifecycleException(String message) {
    super(message);
  }

  LifecycleException(String message, Throwable cause) {
    super(message, cause);
  }
}
