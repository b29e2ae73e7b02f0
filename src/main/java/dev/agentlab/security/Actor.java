package dev.agentlab.security;

import java.util.Optional;
import java.util.function.Supplier;

/// Who is at work on this thread, and for which request: for the record of what was done.
///
/// @param address where the request came from; empty for what the service does of itself
/// @param requestId under which the log knows the request; empty for the service itself
public record Actor(Caller caller, Optional<String> address, Optional<String> requestId) {
  private static final ScopedValue<Actor> CURRENT = ScopedValue.newInstance();

  private static final Actor SERVICE =
      new Actor(Caller.SERVICE, Optional.empty(), Optional.empty());

  /// Who is at work; the service itself outside of any request.
  public static Actor current() {
    return CURRENT.orElse(SERVICE);
  }

  /// Does something as this actor.
  public <T> T doing(Supplier<T> something) {
    return ScopedValue.where(CURRENT, this).call(something::get);
  }
}
