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

  /// The caller has as many keys of its own as it can have, or made as many as it can within a day.
  public static final class LimitReached extends KeyException {
    private LimitReached(String message) {
      super(message);
    }

    static LimitReached ofActive(int limit) {
      return new LimitReached(
          "the caller has %d active keys of its own, which is the most; revoke one that is not used"
              .formatted(limit));
    }

    static LimitReached ofCreated(int limit) {
      return new LimitReached(
          "the caller made %d keys of its own within 24 hours, which is the most, revoked ones included;"
                  .formatted(limit)
              + " use one of them, or rotate it");
    }

    static LimitReached ofConcurrent() {
      return new LimitReached(
          "another request is making or revoking keys of the caller, which takes one at a time; repeat the"
              + " request");
    }
  }

  /// The caller is a key that its owner made for itself, which cannot make further keys.
  public static final class Owned extends KeyException {
    public Owned() {
      super(
          "a key that was made under My keys cannot make keys of its own; use the key or the"
              + " sign-in that made it");
    }
  }

  /// The key has expired, was revoked or is invalid.
  public static final class Ended extends KeyException {
    public Ended(UUID id, ApiKey.Status status) {
      super("the API key %s is %s; create a new one".formatted(id, status));
    }
  }
}
