package dev.agentlab.secrets;

import com.google.re2j.Pattern;
import dev.agentlab.errors.Spelling;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Guesses by name whether an undeclared option is a secret. Prefers false positives: showing a
/// secret is worse than masking a harmless value.
public final class SecretNameHeuristic {
  private static final Pattern CAMEL_CASE_BOUNDARY = Pattern.compile("([a-z0-9])([A-Z])");
  private static final Pattern WORD_SEPARATOR = Pattern.compile("[^a-z0-9]+");
  private static final Set<String> SECRET_WORDS =
      Set.of("auth", "bearer", "cookie", "jwt", "key", "keys", "pass", "passwd", "pat", "pwd");

  /// Parts that indicate a secret even without a word boundary. "tokens" and "tokenizer" are about
  /// text and do not match.
  private static final Pattern SECRET_PARTS =
      Pattern.compile(
          "(api|access|private)key|secret|password|passphrase|credential|authoriz|signature"
              + "|token([^is]|i[^z]|i?$)|connection_?string");

  /// Names that match but are not secrets: they select how a secret is sent, or only look like a
  /// key.
  private static final Set<String> NON_SECRET_NAMES =
      Set.of("auth_type", "auth_header", "prompt_cache_key");

  /// What secrets are usually called, to recognise misspellings. Short names are left out: too many
  /// words are near them.
  private static final List<String> USUAL =
      List.of(
          "access_key",
          "access_token",
          "api_key",
          "api_token",
          "apikey",
          "authorization",
          "client_secret",
          "credentials",
          "passphrase",
          "password",
          "private_key",
          "secret",
          "token");

  private static final int MAX_EDITS = 2;

  private SecretNameHeuristic() {}

  /// The same also for a name that is likely a misspelling: of a secret's usual name, or of an
  /// option that holds a secret.
  ///
  /// @param options those that hold secrets
  public static boolean suggestsSecret(String name, Collection<String> options) {
    String words = words(name).replace('-', '_');
    return suggestsSecret(name)
        || (!NON_SECRET_NAMES.contains(words)
            && (Spelling.likelyMatch(words, options).isPresent() || isMisspelt(words)));
  }

  private static boolean isMisspelt(String words) {
    // One that is only cut short, such as "private" or "client", is a name of other things too.
    return Spelling.likelyMatch(words, USUAL)
        .filter(usual -> usual.length() - words.length() <= MAX_EDITS)
        .isPresent();
  }

  /// Whether a name suggests a secret.
  public static boolean suggestsSecret(String name) {
    String words = words(name);
    return !NON_SECRET_NAMES.contains(words)
        && (SECRET_PARTS.matcher(name.toLowerCase(Locale.ROOT)).find()
            || Arrays.stream(WORD_SEPARATOR.split(words)).anyMatch(SECRET_WORDS::contains));
  }

  private static String words(String name) {
    return CAMEL_CASE_BOUNDARY.matcher(name).replaceAll("$1_$2").toLowerCase(Locale.ROOT);
  }
}
