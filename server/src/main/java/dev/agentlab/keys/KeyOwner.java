package dev.agentlab.keys;

import dev.agentlab.net.Uuids;
import dev.agentlab.security.Caller;
import java.util.Optional;
import java.util.UUID;

/// The caller that made a key for itself. If it is a key, the owned key ends with it.
///
/// @param text the form in the database: `key:<id>` or `token:<subject>`
record KeyOwner(String text) {
  private static final String KEY_PREFIX = Caller.Kind.KEY + ":";

  static KeyOwner of(Caller caller) {
    return new KeyOwner(caller.kind() + ":" + caller.id());
  }

  /// The owner that is a key.
  static KeyOwner ofKey(UUID id) {
    return new KeyOwner(KEY_PREFIX + id);
  }

  /// The id of the caller.
  String id() {
    return text.substring(text.indexOf(':') + 1);
  }

  /// The id of the key, if the owner is one.
  Optional<UUID> keyId() {
    return text.startsWith(KEY_PREFIX) ? Uuids.parse(id()) : Optional.empty();
  }

  @Override
  public String toString() {
    return text;
  }
}
