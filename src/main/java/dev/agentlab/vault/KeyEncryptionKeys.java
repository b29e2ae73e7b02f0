package dev.agentlab.vault;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// The wrapping keys at hand, the newest first. Safe for all threads.
final class KeyEncryptionKeys {
  /// The [#origin()] of keys in a file.
  static final String FILE = "file";

  private final KeyEncryptionKeySource source;
  private volatile List<KeyEncryptionKey> keys = List.of();

  KeyEncryptionKeys(KeyEncryptionKeySource source) {
    this.source = source;
  }

  /// Takes the keys from where they are, as they are there now. Of a file that is gone, the keys
  /// that were in it stay.
  ///
  /// @throws VaultException if a file of them cannot be used
  void load() {
    List<KeyEncryptionKey> read =
        switch (source) {
          case KeyEncryptionKeySource.Given(var key, var previous) ->
              Stream.concat(Stream.of(key), previous.stream())
                  .map(KeyEncryptionKey::of)
                  .distinct()
                  .toList();
          case KeyEncryptionKeySource.InFile(var path) -> new KeyEncryptionKeyFile(path).read();
        };
    if (!read.isEmpty()) {
      keys = read;
    }
  }

  /// Deletes what killed processes left of a file of keys.
  void deleteDrafts() {
    if (source instanceof KeyEncryptionKeySource.InFile(var path)) {
      new KeyEncryptionKeyFile(path).deleteDrafts();
    }
  }

  /// The key of that id, also if it came to a file after that was last read.
  Optional<KeyEncryptionKey> find(String id) {
    Optional<KeyEncryptionKey> known = known(id);
    if (known.isEmpty() && source instanceof KeyEncryptionKeySource.InFile) {
      load();
      return known(id);
    }
    return known;
  }

  private Optional<KeyEncryptionKey> known(String id) {
    return keys.stream().filter(key -> key.id().equals(id)).findFirst();
  }

  /// The newest key; empty while there is none.
  Optional<KeyEncryptionKey> newest() {
    return keys.stream().findFirst();
  }

  /// The newest key, made if there is none.
  KeyEncryptionKey newestOrMade() {
    return switch (source) {
      case KeyEncryptionKeySource.Given _ -> newest().orElseThrow();
      case KeyEncryptionKeySource.InFile(var path) -> {
        keys =
            new KeyEncryptionKeyFile(path)
                .change(old -> old.isEmpty() ? List.of(KeyEncryptionKey.random()) : old);
        yield newest().orElseThrow();
      }
    };
  }

  /// Puts a new key before all others where this can: in a file. Nothing is wrapped with it yet.
  ///
  /// @throws VaultException if the file is gone, or cannot be written
  void addNewest() {
    if (source instanceof KeyEncryptionKeySource.InFile(var path)) {
      keys =
          new KeyEncryptionKeyFile(path)
              .change(old -> {
                if (old.isEmpty()) {
                  throw new VaultException(
                      "%s is gone; bring it back from a backup".formatted(path));
                }
                List<KeyEncryptionKey> more = new ArrayList<>(old);
                more.addFirst(KeyEncryptionKey.random());
                return List.copyOf(more);
              });
    }
  }

  /// The ids of all keys, the newest first.
  List<String> ids() {
    return keys.stream().map(KeyEncryptionKey::id).toList();
  }

  /// The keys beside the newest that nothing is wrapped with.
  ///
  /// @param used what something is wrapped with
  List<String> unused(Set<String> used) {
    return keys.stream()
        .skip(1)
        .map(KeyEncryptionKey::id)
        .filter(id -> !used.contains(id))
        .toList();
  }

  /// Forgets keys for good where this can: in a file.
  void drop(List<String> ids) {
    if (source instanceof KeyEncryptionKeySource.InFile(var path) && !ids.isEmpty()) {
      keys =
          new KeyEncryptionKeyFile(path)
              .change(old -> old.stream().filter(key -> !ids.contains(key.id())).toList());
    }
  }

  /// Where the keys come from, for an operator: `file` or `environment`.
  String origin() {
    return source instanceof KeyEncryptionKeySource.InFile ? FILE : "environment";
  }

  /// Says that something is wrapped with a key that is not here, and what to do.
  String missing(String id) {
    String here = keys.isEmpty() ? "has no key" : "has " + String.join(", ", ids());
    String remedy =
        switch (source) {
          case KeyEncryptionKeySource.Given _ ->
              "set SECRETS_KEY to that key, or add that key to SECRETS_PREVIOUS_KEYS";
          case KeyEncryptionKeySource.InFile(var path) ->
              "bring back the file %s that has it, or set SECRETS_KEY to that key".formatted(path);
        };
    return "the secrets in the database are under the key %s, and this service %s (%s); %s. Services"
            .formatted(id, here, where(), remedy)
        + " that share a database need the same key.";
  }

  private String where() {
    return switch (source) {
      case KeyEncryptionKeySource.Given _ -> "secrets.key, SECRETS_KEY";
      case KeyEncryptionKeySource.InFile(var path) -> path.toString();
    };
  }
}
