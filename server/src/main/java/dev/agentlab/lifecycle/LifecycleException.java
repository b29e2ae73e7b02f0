package dev.agentlab.lifecycle;

/// Thrown if a component failed to start or stop. Later failures are suppressed exceptions.
public final class LifecycleException extends RuntimeException {

  LifecycleException(String message) {
    super(message);
  }

  LifecycleException(String message, Throwable cause) {
    super(message, cause);
  }
}
