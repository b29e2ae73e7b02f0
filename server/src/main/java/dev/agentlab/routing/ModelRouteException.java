package dev.agentlab.routing;

import dev.agentlab.errors.Excerpt;
import java.util.List;
import java.util.UUID;

/// Thrown if a model route cannot be read or changed; each subclass is one cause.
public abstract sealed class ModelRouteException extends RuntimeException {
  private ModelRouteException(String message) {
    super(message);
  }

  /// No route has the id or the name.
  public static final class NotFound extends ModelRouteException {
    public NotFound(UUID id) {
      super("there is no route " + id);
    }

    public NotFound(String name) {
      super("there is no route named '%s'".formatted(Excerpt.of(name)));
    }
  }

  /// The route has no such revision.
  public static final class RevisionNotFound extends ModelRouteException {
    public RevisionNotFound(UUID id, long revision) {
      super("route %s has no revision %d".formatted(id, revision));
    }
  }

  /// Another route has the name.
  public static final class NameTaken extends ModelRouteException {
    public NameTaken(String name) {
      super("there is already a route named '%s'; choose another name".formatted(name));
    }
  }

  /// The route has changed since the caller read it.
  public static final class Stale extends ModelRouteException {
    public Stale(UUID id, long revision) {
      super(
          "route %s is now at revision %d; read it again and repeat the change"
              .formatted(id, revision));
    }
  }

  /// A provider or agent of a revision has been deleted.
  public static final class TargetGone extends ModelRouteException {
    /// @param targets what has been deleted, as in `provider 123e4567-…`; empty if it is not known
    public TargetGone(long revision, List<String> targets) {
      super(
          "revision %d uses %s, which has been deleted; replace the route to use other targets"
              .formatted(
                  revision,
                  targets.isEmpty() ? "a provider or agent" : String.join(" and ", targets)));
    }
  }
}
