package dev.agentlab.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/// The credential that the program sends to the service.
sealed interface ClientCredential {

  /// Finds API keys within text.
  Pattern KEY_PATTERN = Pattern.compile("agl_[A-Za-z]+_[A-Za-z0-9_-]{20,}");

  /// An API key, or a token of an identity provider.
  ///
  /// @param place its source, such as `AGENT_LAB_KEY`; completes "the key in …"
  /// @param file the file that contains it
  /// @param local whether it is the admin key that the service stores on this machine
  record Present(String value, String place, Optional<Path> file, boolean local)
      implements ClientCredential {
    /// The source, without the value.
    @Override
    public String toString() {
      return "the key in " + place;
    }
  }

  /// No credential was found.
  ///
  /// @param reason the searched sources and the reason; completes "no API key found: …"
  record Missing(String reason) implements ClientCredential {}

  /// Replaces this credential in text.
  default String redact(String text) {
    return this instanceof Present present ? text.replace(present.value(), "***") : text;
  }

  /// Replaces everything in text that looks like an API key.
  static String maskKeys(String text) {
    return KEY_PATTERN.matcher(text).replaceAll("agl_***");
  }
}
