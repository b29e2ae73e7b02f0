package dev.agentlab.providers;

import java.util.UUID;

/// Why a provider could not be read or changed; a closed list.
public abstract sealed class ProviderException extends RuntimeException {
  private ProviderException(String message) {
    super(message);
  }

  /// No provider has the id.
  public static final class NotFound extends ProviderException {
    public NotFound(UUID id) {
      super("there is no provider " + id);
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
