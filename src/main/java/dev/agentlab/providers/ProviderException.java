package dev.agentlab.providers;

import dev.agentlab.errors.Excerpt;
import java.util.UUID;
import java.util.stream.Collectors;

/// Why a provider could not be read or changed; a closed list.
public abstract sealed class ProviderException extends RuntimeException {
  private ProviderException(String message) {
    super(message);
  }

  /// No provider has the id or the name.
  public static final class NotFound extends ProviderException {
    public NotFound(UUID id) {
      super("there is no provider " + id);
    }

    public NotFound(String name) {
      super("there is no provider named '%s'".formatted(Excerpt.of(name)));
    }
  }

  /// Another provider has the name.
  public static final class NameTaken extends ProviderException {
    public NameTaken(String name) {
      super("there is already a provider named '%s'; choose another name".formatted(name));
    }
  }

  /// The provider has changed since the caller read it.
  public static final class Stale extends ProviderException {
    public Stale(UUID id, long version) {
      super(
          "provider %s is now at version %d; read it again and repeat the change"
              .formatted(id, version));
    }
  }

  /// Others use the provider, so it stays.
  public static final class InUse extends ProviderException {
    private final transient Dependents dependents;

    public InUse(UUID id, Dependents dependents) {
      super("provider %s %s".formatted(id, because(dependents)));
      this.dependents = dependents;
    }

    /// Who uses it: the first of them.
    public Dependents dependents() {
      return dependents;
    }

    private static String because(Dependents dependents) {
      String names =
          dependents.agents().stream()
              .map(agent -> "%s (%s)".formatted(Excerpt.of(agent.name()), agent.id()))
              .collect(Collectors.joining(", "));
      long more = dependents.total() - dependents.agents().size();
      return names.isEmpty()
          ? "was used by an agent just now; try again"
          : "is used by the agents %s%s; give them another provider or delete them first"
              .formatted(names, more > 0 ? " and %d more".formatted(more) : "");
    }
  }

  /// A stored secret would go to another destination than it was given for.
  public static final class SecretRequired extends ProviderException {
    public SecretRequired(String secrets) {
      super(
          "config.base_url or the way to authenticate changes where the stored secret goes; give %s"
                  .formatted(secrets)
              + " again, or null to clear it");
    }
  }
}
