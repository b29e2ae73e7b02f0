package dev.agentlab.routing;

import dev.agentlab.errors.Excerpt;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

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

  /// Agents use the route.
  public static final class InUse extends ModelRouteException {
    private final transient RouteDependents dependents;

    /// @param dependents the first page of the agents that use the route
    public InUse(UUID id, RouteDependents dependents) {
      super("route %s %s".formatted(id, describe(dependents)));
      this.dependents = dependents;
    }

    /// The first page of the agents that use the route.
    public RouteDependents dependents() {
      return dependents;
    }

    private static String describe(RouteDependents dependents) {
      String names =
          dependents.agents().stream()
              .map(agent -> "%s (%s)".formatted(Excerpt.of(agent.name()), agent.id()))
              .collect(Collectors.joining(", "));
      long more = dependents.total() - dependents.agents().size();
      return names.isEmpty()
          ? "was used by an agent a moment ago; try again"
          : "is used by the agents %s%s; give them another route or a provider, or delete them first"
              .formatted(names, more > 0 ? " and %d more".formatted(more) : "");
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
