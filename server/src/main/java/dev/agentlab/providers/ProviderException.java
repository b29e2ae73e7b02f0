package dev.agentlab.providers;

import dev.agentlab.errors.Excerpt;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Thrown when a provider cannot be read or changed.
public abstract sealed class ProviderException extends RuntimeException {
  private ProviderException(String message) {
    super(message);
  }

  /// No provider has this id or name.
  public static final class NotFound extends ProviderException {
    public NotFound(UUID id) {
      super("there is no provider " + id);
    }

    public NotFound(String name) {
      super("there is no provider named '%s'".formatted(Excerpt.of(name)));
    }
  }

  /// Another provider has this name.
  public static final class NameTaken extends ProviderException {
    public NameTaken(String name) {
      super("a provider named '%s' already exists; choose another name".formatted(name));
    }
  }

  /// The provider was changed after the caller read it.
  public static final class Stale extends ProviderException {
    public Stale(UUID id, long version) {
      super(
          "provider %s is now at version %d; read it again and repeat the change"
              .formatted(id, version));
    }
  }

  /// Agents or routes use the provider, so it cannot be deleted.
  public static final class InUse extends ProviderException {
    private final transient Dependents dependents;

    public InUse(UUID id, Dependents dependents) {
      super("provider %s %s".formatted(id, describe(dependents)));
      this.dependents = dependents;
    }

    /// The first page of dependents.
    public Dependents dependents() {
      return dependents;
    }

    private static String describe(Dependents dependents) {
      String users =
          Stream.of(
                  describe("agents", dependents.agents()), describe("routes", dependents.routes()))
              .flatMap(Optional::stream)
              .collect(Collectors.joining(" and "));
      long more = dependents.total() - dependents.agents().size() - dependents.routes().size();
      return users.isEmpty()
          ? "was used by an agent or a route a moment ago; try again"
          : "is used by %s%s; assign them another provider or delete them first"
              .formatted(users, more > 0 ? " and %d more".formatted(more) : "");
    }

    private static Optional<String> describe(String kind, List<Dependents.Dependent> users) {
      String names =
          users.stream()
              .map(user -> "%s (%s)".formatted(Excerpt.of(user.name()), user.id()))
              .collect(Collectors.joining(", "));
      return names.isEmpty() ? Optional.empty() : Optional.of("the %s %s".formatted(kind, names));
    }
  }

  /// A stored secret would be sent to another destination than before.
  public static final class SecretRequired extends ProviderException {
    public SecretRequired(String secrets) {
      super(
          "config.base_url or the authentication options change the destination of the stored"
              + " secret; send %s again, or null to clear it".formatted(secrets));
    }
  }
}
