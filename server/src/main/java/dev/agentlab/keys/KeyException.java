package dev.agentlab.keys;

import dev.agentlab.security.GrantSet;
import java.util.UUID;

/// The reason why an API key could not be created or changed.
public abstract sealed class KeyException extends RuntimeException {
  private KeyException(String message) {
    super(message);
  }

  /// No API key has the id.
  public static final class NotFound extends KeyException {
    public NotFound(UUID id) {
      super("there is no API key with the id " + id);
    }
  }

  /// The key would have scopes that the caller lacks.
  public static final class ScopesExceeded extends KeyException {
    public ScopesExceeded(GrantSet missing) {
      super(
          "a key cannot exceed the scopes of its creator; the caller lacks "
              + String.join(", ", missing.texts()));
    }
  }

  /// The key has expired, was revoked or is invalid.
  public static final class Ended extends KeyException {
    public Ended(UUID id, ApiKey.Status status) {
      super("the API key %s is %s; create a new one".formatted(id, status));
    }
  }
}
