package dev.agentlab.vault;

import dev.agentlab.secrets.Secret;
import java.nio.file.Path;
import java.util.List;

/// Where the keys are that wrap data keys.
public sealed interface KeyEncryptionKeySource {

  /// In the configuration, which may have them from the environment.
  ///
  /// @param key the one to wrap with, 32 bytes in base64
  /// @param previous others that data keys may still be wrapped with
  record Given(Secret key, List<Secret> previous) implements KeyEncryptionKeySource {
    public Given {
      previous = List.copyOf(previous);
    }
  }

  /// In a file that only its owner can read; made when it is first needed.
  record InFile(Path path) implements KeyEncryptionKeySource {}
}
