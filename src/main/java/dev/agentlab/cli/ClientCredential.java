package dev.agentlab.cli;

import dev.agentlab.secrets.Secret;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/// What the program shows the service, so that it is let in.
sealed interface ClientCredential {

  /// What an API key looks like wherever it stands.
  Pattern KEY = Pattern.compile("agl_[A-Za-z]+_[A-Za-z0-9_-]{20,}");

  /// A key, or a token of an identity provider.
  ///
  /// @param place where it was found, to follow "the key in": `AGENT_LAB_KEY`
  /// @param file the file it was found in
  /// @param local whether it is the admin key that the service keeps on this machine
  record Shown(Secret value, String place, Optional<Path> file, boolean local)
      implements ClientCredential {}

  /// Nothing was found.
  ///
  /// @param why where it was looked for, and why nothing was there, to follow "no key was found: "
  record Missing(String why) implements ClientCredential {}

  /// A text without the key, should it hold it.
  default String hiddenIn(String text) {
    return this instanceof Shown shown ? text.replace(shown.value().reveal(), "***") : text;
  }

  /// A text without anything that looks like a key.
  static String masked(String text) {
    return KEY.matcher(text).replaceAll("agl_***");
  }
}
