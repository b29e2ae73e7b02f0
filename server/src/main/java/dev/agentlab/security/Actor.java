package dev.agentlab.security;

import java.util.Optional;
import java.util.function.Supplier;

/// The actor of the current thread, for the audit trail: a caller and its request, or the service.
///
/// @param address the client address of the request; empty for the service itself
/// @param requestId the id of the request in the log; empty for the service itself
public record Actor(Caller caller, Optional<String> address, Optional<String> requestId) {
  private static final ScopedValue<Actor> CURRENT = ScopedValue.newInstance();

  private static final Actor SERVICE =
      new Actor(Caller.SERVICE, Optional.empty(), Optional.empty());

  /// The current actor; the service itself outside of a request.
  public static Actor current() {
    return CURRENT.orElse(SERVICE);
  }

  /// Runs an operation with this actor as the current one.
  public <T> T call(Supplier<T> operation) {
    return ScopedValue.where(CURRENT, this).call(operation::get);
  }
}
