package dev.agentlab.keys;

import dev.agentlab.security.Grants;
import java.util.UUID;

/// Why a key could not be made or changed; a closed list.
public abstract sealed class KeyException extends RuntimeException {
  private KeyException(String message) {
    super(message);
  }

  /// No key has the id.
  public static final class NotFound extends KeyException {
    public NotFound(UUID id) {
      super("there is no key " + id);
    }
  }

  /// The caller would hand on what they may not do themselves.
  public static final class TooWide extends KeyException {
    public TooWide(Grants lacking) {
      super("nobody gives a key more than they have; the caller lacks " + lacking);
    }
  }

  /// The key lets nobody in any more, or never did as it is.
  public static final class Ended extends KeyException {
    public Ended(UUID id, ApiKey.Status status) {
      super("key %s is %s; make a new one".formatted(id, status));
    }
  }
}
