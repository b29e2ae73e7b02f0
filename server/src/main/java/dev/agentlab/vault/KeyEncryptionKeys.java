package dev.agentlab.vault;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// The available key-encryption keys, the newest first. Safe for all threads.
final class KeyEncryptionKeys {
  /// The [#sourceName()] of keys in a file.
  static final String FILE_SOURCE = "file";

  private final KeyEncryptionKeySource source;
  private volatile List<KeyEncryptionKey> keys = List.of();

  KeyEncryptionKeys(KeyEncryptionKeySource source) {
    this.source = source;
  }

  /// Loads the keys from their source. If the key file is missing, the loaded keys stay.
  ///
  /// @throws VaultException if the key file is invalid or unreadable
  void load() {
    List<KeyEncryptionKey> read =
        switch (source) {
          case KeyEncryptionKeySource.Configured(var key, var previous) ->
              Stream.concat(Stream.of(key), previous.stream())
                  .map(KeyEncryptionKey::of)
                  .distinct()
                  .toList();
          case KeyEncryptionKeySource.KeyFile(var path) -> new KeyEncryptionKeyFile(path).read();
        };
    if (!read.isEmpty()) {
      keys = read;
    }
  }

  /// Deletes the drafts of the key file that killed processes left.
  void deleteDrafts() {
    if (source instanceof KeyEncryptionKeySource.KeyFile(var path)) {
      new KeyEncryptionKeyFile(path).deleteDrafts();
    }
  }

  /// Finds a key by its id. Reads the key file again if the id is unknown.
  Optional<KeyEncryptionKey> find(String id) {
    Optional<KeyEncryptionKey> known = findLoaded(id);
    if (known.isEmpty() && source instanceof KeyEncryptionKeySource.KeyFile) {
      load();
      return findLoaded(id);
    }
    return known;
  }

  private Optional<KeyEncryptionKey> findLoaded(String id) {
    return keys.stream().filter(key -> key.id().equals(id)).findFirst();
  }

  /// The newest key. Empty if there is none yet.
  Optional<KeyEncryptionKey> newest() {
    return keys.stream().findFirst();
  }

  /// The newest key. Creates one if there is none.
  KeyEncryptionKey newestOrCreate() {
    return switch (source) {
      case KeyEncryptionKeySource.Configured _ -> newest().orElseThrow();
      case KeyEncryptionKeySource.KeyFile(var path) -> {
        keys =
            new KeyEncryptionKeyFile(path)
                .update(old -> old.isEmpty() ? List.of(KeyEncryptionKey.random()) : old);
        yield newest().orElseThrow();
      }
    };
  }

  /// Adds a new key as the newest, if the source is a file. No data key is wrapped with it yet.
  ///
  /// @throws VaultException if the file is missing, or cannot be written
  void addNewKey() {
    if (source instanceof KeyEncryptionKeySource.KeyFile(var path)) {
      keys =
          new KeyEncryptionKeyFile(path)
              .update(old -> {
                if (old.isEmpty()) {
                  throw new VaultException(
                      "%s is missing; restore it from a backup".formatted(path));
                }
                List<KeyEncryptionKey> extended = new ArrayList<>(old);
                extended.addFirst(KeyEncryptionKey.random());
                return List.copyOf(extended);
              });
    }
  }

  /// The ids of all keys, the newest first.
  List<String> ids() {
    return keys.stream().map(KeyEncryptionKey::id).toList();
  }

  /// The ids of the older keys that no data key is wrapped with.
  ///
  /// @param used the ids of the keys that data keys are wrapped with
  List<String> unusedIds(Set<String> used) {
    return keys.stream()
        .skip(1)
        .map(KeyEncryptionKey::id)
        .filter(id -> !used.contains(id))
        .toList();
  }

  /// Removes keys permanently, if the source is a file.
  void remove(List<String> ids) {
    if (source instanceof KeyEncryptionKeySource.KeyFile(var path) && !ids.isEmpty()) {
      keys =
          new KeyEncryptionKeyFile(path)
              .update(old -> old.stream().filter(key -> !ids.contains(key.id())).toList());
    }
  }

  /// The name of the source: `file` or `environment`.
  String sourceName() {
    return source instanceof KeyEncryptionKeySource.KeyFile ? FILE_SOURCE : "environment";
  }

  /// The message for an operator that a key in use is missing, and how to provide it.
  String missingKeyMessage(String id) {
    return missingKeyMessage("the database", id)
        + " Services that share a database need the same key.";
  }

  /// The message for an operator that a key is missing, and how to provide it.
  ///
  /// @param place where the secrets are
  String missingKeyMessage(String place, String id) {
    String available = keys.isEmpty() ? "has no key" : "has " + String.join(", ", ids());
    String remedy =
        switch (source) {
          case KeyEncryptionKeySource.Configured _ ->
              "set SECRETS_KEY to that key, or SECRETS_KEY_FILE to a file that contains it, or add that key to SECRETS_PREVIOUS_KEYS";
          case KeyEncryptionKeySource.KeyFile(var path) ->
              "restore the file %s that contains it, or set SECRETS_KEY to that key, or SECRETS_KEY_FILE to a file that contains it"
                  .formatted(path);
        };
    return "the secrets in %s are encrypted under the key-encryption key %s, but this service %s (%s); %s."
        .formatted(place, id, available, location(), remedy);
  }

  private String location() {
    return switch (source) {
      case KeyEncryptionKeySource.Configured _ -> "secrets.key, SECRETS_KEY";
      case KeyEncryptionKeySource.KeyFile(var path) -> path.toString();
    };
  }
}
