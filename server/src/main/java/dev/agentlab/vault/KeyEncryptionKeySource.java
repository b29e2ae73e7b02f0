package dev.agentlab.vault;

import dev.agentlab.secrets.Secret;
import java.nio.file.Path;
import java.util.List;

/// The source of the key-encryption keys.
public sealed interface KeyEncryptionKeySource {

  /// Keys in the configuration, which may read them from the environment.
  ///
  /// @param key the key that wraps data keys, 32 bytes in base64
  /// @param previous keys that data keys may still be wrapped with
  record Configured(Secret key, List<Secret> previous) implements KeyEncryptionKeySource {
    public Configured {
      previous = List.copyOf(previous);
    }
  }

  /// Keys in a file that only its owner can read, created when it is first needed.
  record KeyFile(Path path) implements KeyEncryptionKeySource {}
}
