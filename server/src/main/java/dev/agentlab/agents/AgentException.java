package dev.agentlab.agents;

import dev.agentlab.errors.Excerpt;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/// Thrown if an agent cannot be read or changed; each subclass is one cause.
public abstract sealed class AgentException extends RuntimeException {
  private AgentException(String message) {
    super(message);
  }

  /// No agent has the id or the name.
  public static final class NotFound extends AgentException {
    public NotFound(UUID id) {
      super("there is no agent " + id);
    }

    public NotFound(String name) {
      super("there is no agent named '%s'".formatted(Excerpt.of(name)));
    }
  }

  /// The agent has no such revision.
  public static final class RevisionNotFound extends AgentException {
    public RevisionNotFound(UUID id, long revision) {
      super("agent %s has no revision %d".formatted(id, revision));
    }
  }

  /// Another agent has the name.
  public static final class NameTaken extends AgentException {
    public NameTaken(String name) {
      super("there is already an agent named '%s'; choose another name".formatted(name));
    }
  }

  /// The agent has changed since the caller read it.
  public static final class Stale extends AgentException {
    public Stale(UUID id, long revision) {
      super(
          "agent %s is now at revision %d; read it again and repeat the change"
              .formatted(id, revision));
    }
  }

  /// Routes use the agent, or rows of a table outside this application reference it, such as the
  /// workflow profiles of the Go original.
  public static final class InUse extends AgentException {
    private final transient AgentDependents dependents;

    /// @param dependents the first page of the routes that use the agent
    /// @param constraint the violated foreign key
    public InUse(UUID id, AgentDependents dependents, String constraint) {
      super("agent %s %s".formatted(id, describe(dependents, constraint)));
      this.dependents = dependents;
    }

    /// The first page of the routes that use the agent.
    public AgentDependents dependents() {
      return dependents;
    }

    private static String describe(AgentDependents dependents, String constraint) {
      String names =
          dependents.routes().stream()
              .map(route -> "%s (%s)".formatted(Excerpt.of(route.name()), route.id()))
              .collect(Collectors.joining(", "));
      long more = dependents.total() - dependents.routes().size();
      return names.isEmpty()
          ? "is still referenced in the database (foreign key %s); remove the reference first"
              .formatted(constraint)
          : "is used by the routes %s%s; give them other targets or delete them first"
              .formatted(names, more > 0 ? " and %d more".formatted(more) : "");
    }
  }

  /// A stored secret would be sent to a destination other than the one it was provided for.
  public static final class SecretRequired extends AgentException {
    public SecretRequired(List<String> secrets) {
      super(
          "config.provider.base_url or the authentication changes the destination of the stored"
              + " secret; send %s again, or null to clear it"
                  .formatted(String.join(", ", secrets)));
    }
  }

  /// The route of a revision has been deleted.
  public static final class RouteGone extends AgentException {
    public RouteGone(long revision, UUID route) {
      super(
          "revision %d uses route %s, which has been deleted; replace the agent to use another route"
              .formatted(revision, route));
    }
  }

  /// The registered provider of a revision has been deleted.
  public static final class ProviderGone extends AgentException {
    public ProviderGone(long revision, UUID provider) {
      super(
          "revision %d uses provider %s, which has been deleted; replace the agent to use"
                  .formatted(revision, provider)
              + " another provider");
    }
  }
}
