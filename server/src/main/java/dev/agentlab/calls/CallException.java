package dev.agentlab.calls;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.IdOrName;

/// A request for records of calls that cannot be fulfilled.
public abstract sealed class CallException extends RuntimeException {
  private CallException(String message) {
    super(message);
  }

  /// There is no such call, or the caller may not see it.
  public static final class NotFound extends CallException {
    NotFound(String id) {
      super("no call has the id \"%s\"".formatted(Excerpt.of(id)));
    }
  }

  /// There is no such route.
  public static final class RouteNotFound extends CallException {
    RouteNotFound(IdOrName route) {
      super(
          switch (route) {
            case IdOrName.Id(var id) -> "there is no route " + id;
            case IdOrName.Name(String name) ->
                "there is no route named '%s'".formatted(Excerpt.of(name));
          });
    }
  }
}
