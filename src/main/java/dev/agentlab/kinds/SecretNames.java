package dev.agentlab.kinds;

import com.google.re2j.Pattern;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/// Guesses by name whether an undeclared option is a secret. Prefers false positives: showing a
/// secret is worse than masking a harmless value.
final class SecretNames {
  private static final Pattern HUMP = Pattern.compile("([a-z0-9])([A-Z])");
  private static final Pattern BETWEEN_WORDS = Pattern.compile("[^a-z0-9]+");
  private static final Set<String> WORDS =
      Set.of("auth", "bearer", "cookie", "jwt", "key", "keys", "pass", "passwd", "pat", "pwd");

  /// Parts that indicate a secret even without a word boundary. "tokens" and "tokenizer" are about
  /// text and do not match.
  private static final Pattern PARTS =
      Pattern.compile(
          "(api|access|private)key|secret|password|passphrase|credential|authoriz|signature"
              + "|token([^is]|i[^z]|i?$)|connection_?string");

  /// Names that match but are not secrets: they select how a secret is sent, or only look like a
  /// key.
  private static final Set<String> HARMLESS =
      Set.of("auth_type", "auth_header", "prompt_cache_key");

  private SecretNames() {}

  static boolean suggests(String name) {
    String words = HUMP.matcher(name).replaceAll("$1_$2").toLowerCase(Locale.ROOT);
    return !HARMLESS.contains(words)
        && (PARTS.matcher(name.toLowerCase(Locale.ROOT)).find()
            || Arrays.stream(BETWEEN_WORDS.split(words)).anyMatch(WORDS::contains));
  }
}
