package dev.agentlab.cli;

import dev.agentlab.secrets.Secret;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/// The credential that the program sends to the service.
sealed interface ClientCredential {

  /// Finds API keys within text.
  Pattern KEY = Pattern.compile("agl_[A-Za-z]+_[A-Za-z0-9_-]{20,}");

  /// An API key, or a token of an identity provider.
  ///
  /// @param place its source, such as `AGENT_LAB_KEY`; completes "the key in …"
  /// @param file the file that contains it
  /// @param local whether it is the admin key that the service stores on this machine
  record Shown(Secret value, String place, Optional<Path> file, boolean local)
      implements ClientCredential {}

  /// No credential was found.
  ///
  /// @param why the searched sources and the reason; completes "no API key found: …"
  record Missing(String why) implements ClientCredential {}

  /// Replaces this credential in text.
  default String hiddenIn(String text) {
    return this instanceof Shown present ? text.replace(present.value().reveal(), "***") : text;
  }

  /// Replaces everything in text that looks like an API key.
  static String masked(String text) {
    return KEY.matcher(text).replaceAll("agl_***");
  }
}
