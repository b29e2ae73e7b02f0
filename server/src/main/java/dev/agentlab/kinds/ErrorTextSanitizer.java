package dev.agentlab.kinds;

import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.errors.Excerpt;
import dev.agentlab.secrets.Secret;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// Sanitizes error messages of providers for display: removes markup and control characters, masks
/// everything that is or resembles a secret, and limits the length.
public final class ErrorTextSanitizer {
  private static final int MAX_LENGTH = 300;
  static final String MASK = "***";

  /// Characters that are part of a word beside letters and numbers: they occur in keys, and in the
  /// middle of a partly masked key that a provider repeats.
  private static final String WORD_PUNCTUATION = "_~+/=.*…-";

  private static final int MIN_KEY_LENGTH = 8;

  /// The prefixes of vendors' API keys and of JSON Web Tokens.
  private static final List<String> KEY_PREFIXES =
      Stream.concat(
              Stream.of("sk", "pk", "rk", "gsk", "xai", "hf", "ghp", "agl", "key")
                  .flatMap(vendor -> Stream.of(vendor + "-", vendor + "_")),
              Stream.of("AIza", "AKIA", "eyJ"))
          .toList();

  /// The length of a run of letters and digits that no model name contains.
  private static final int MIN_RUN_LENGTH = 20;

  /// The length of a prefix or suffix that identifies a secret.
  private static final int AFFIX_LENGTH = 4;

  private ErrorTextSanitizer() {}

  /// The sanitized message in a response body; empty if there is none.
  public static Optional<String> message(String body, CallableProvider provider) {
    return message(body, ProviderJson.parseError(body), provider);
  }

  /// The same for a body that has been parsed.
  ///
  /// @param json the result of [ProviderJson#parseError]
  public static Optional<String> message(String body, JsonNode json, CallableProvider provider) {
    return Optional.of(sanitize(message(body, json), provider)).filter(text -> !text.isEmpty());
  }

  /// The body of an error with its secrets masked; the same bytes if it has none.
  public static byte[] withoutSecrets(byte[] body, CallableProvider provider) {
    String text = new String(body, StandardCharsets.UTF_8);
    String masked = SecretRedactor.of(provider).mask(text);
    return masked.equals(text) ? body : masked.getBytes(StandardCharsets.UTF_8);
  }

  static boolean isMarkup(String body) {
    return body.stripLeading().startsWith("<");
  }

  private static String message(String body, JsonNode json) {
    if (json.isMissingNode()) {
      return isMarkup(body) ? "" : body;
    }
    return Stream.of(
            json.at("/error/message"),
            json.path("error"),
            json.path("message"),
            json.path("detail"),
            json.at("/detail/message"))
        .filter(JsonNode::isString)
        .map(JsonNode::stringValue)
        .findFirst()
        .orElseGet(() -> validationErrors(json.path("detail")));
  }

  /// The validation errors of FastAPI, each with its location
  /// (https://fastapi.tiangolo.com/tutorial/handling-errors).
  private static String validationErrors(JsonNode detail) {
    return detail
        .valueStream()
        .filter(error -> error.path("msg").isString())
        .map(error -> {
          String location =
              error
                  .path("loc")
                  .valueStream()
                  .map(it -> it.stringValue(it.toString()))
                  .collect(Collectors.joining("."));
          return (location.isEmpty() ? "" : location + ": ") + error.path("msg").stringValue();
        })
        .collect(Collectors.joining("; "));
  }

  /// The sanitized text of a provider; empty if nothing of it can be shown.
  public static String sanitize(String text, CallableProvider provider) {
    String head = text.substring(0, Math.min(text.length(), 20 * MAX_LENGTH));
    List<String> secrets = provider.secrets().stream().map(Secret::reveal).toList();
    return Excerpt.truncate(stripUnsafe(head, secrets), MAX_LENGTH);
  }

  /// The text without markup, control characters and secrets. Runs in linear time for every input.
  static String stripUnsafe(String text, List<String> secrets) {
    SecretRedactor forms = new SecretRedactor(secrets);
    // Secrets are masked before anything is removed: a secret may contain what looks like a tag.
    String safe = forms.mask(maskLiterals(text, secrets));
    String line = toSingleLine(removeTags(safe)).strip();
    return maskKeys(forms.mask(maskLiterals(line, secrets)), secrets);
  }

  /// Replaces each tag with a space.
  private static String removeTags(String text) {
    StringBuilder result = new StringBuilder(text.length());
    int next = 0;
    int at = text.indexOf('<');
    while (at >= 0) {
      int end = opensTag(text, at) ? text.indexOf('>', at) : at;
      if (end < 0) {
        break;
      }
      if (end > at) {
        result.append(text, next, at).append(' ');
        next = end + 1;
      }
      at = text.indexOf('<', end + 1);
    }
    return result.append(text, next, text.length()).toString();
  }

  private static boolean opensTag(String text, int at) {
    int name = text.startsWith("</", at) ? at + 2 : at + 1;
    return name < text.length() && startsTagName(text.charAt(name));
  }

  private static boolean startsTagName(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '!';
  }

  /// Replaces each run of whitespace with one space, and removes unprintable characters.
  private static String toSingleLine(String text) {
    StringBuilder line = new StringBuilder(text.length());
    boolean inSpace = false;
    for (int at = 0; at < text.length(); at = text.offsetByCodePoints(at, 1)) {
      int c = text.codePointAt(at);
      boolean isSpace = Character.isWhitespace(c) || Character.isSpaceChar(c);
      if (isSpace && !inSpace) {
        line.append(' ');
      } else if (!isSpace && Excerpt.isPrintable(c)) {
        line.appendCodePoint(c);
      }
      inSpace = isSpace;
    }
    return line.toString();
  }

  /// Masks literal occurrences of secrets. A short secret, such as the `ollama` that some clients
  /// require, is masked only as a whole word.
  private static String maskLiterals(String text, List<String> secrets) {
    String masked = text;
    for (String secret : secrets) {
      masked = isLongSecret(secret) ? masked.replace(secret, MASK) : maskWord(masked, secret);
    }
    return masked;
  }

  private static String maskWord(String text, String word) {
    StringBuilder result = new StringBuilder(text.length());
    int next = 0;
    int at = text.indexOf(word);
    while (at >= 0) {
      int end = at + word.length();
      boolean isPartOfWord =
          (at > 0 && isAlphanumeric(text.charAt(at - 1)))
              || (end < text.length() && isAlphanumeric(text.charAt(end)));
      if (!isPartOfWord) {
        result.append(text, next, at).append(MASK);
        next = end;
      }
      at = text.indexOf(word, isPartOfWord ? at + 1 : end);
    }
    return result.append(text, next, text.length()).toString();
  }

  /// Masks words that look like API keys or resemble a secret.
  private static String maskKeys(String text, List<String> secrets) {
    StringBuilder masked = new StringBuilder(text.length());
    int at = 0;
    while (at < text.length()) {
      int end = endOfWord(text, at);
      String word = text.substring(at, end);
      masked.append(isLikelyKey(word, secrets) ? MASK : word);
      at = end;
      while (at < text.length() && !isWordCharacter(text.codePointAt(at))) {
        masked.append(text.charAt(at));
        at++;
      }
    }
    return masked.toString();
  }

  private static int endOfWord(String text, int start) {
    int end = start;
    while (end < text.length() && isWordCharacter(text.codePointAt(end))) {
      end = text.offsetByCodePoints(end, 1);
    }
    return end;
  }

  private static boolean isWordCharacter(int codePoint) {
    return isAlphanumeric(codePoint) || WORD_PUNCTUATION.indexOf(codePoint) >= 0;
  }

  private static boolean isAlphanumeric(int codePoint) {
    return Character.isLetter(codePoint) || isNumber(codePoint);
  }

  /// A digit, or another number such as `²`.
  private static boolean isNumber(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
      default -> false;
    };
  }

  private static boolean isLikelyKey(String word, List<String> secrets) {
    return word.codePointCount(0, word.length()) >= MIN_KEY_LENGTH
        && (KEY_PREFIXES.stream().anyMatch(it -> startsWithIgnoreCase(word, it))
            || word.contains(MASK)
            || hasLongRun(word)
            || secrets.stream().anyMatch(it -> isLongSecret(it) && sharesPrefixOrSuffix(word, it)));
  }

  /// Whether the word has a run of letters and digits that contains both.
  private static boolean hasLongRun(String word) {
    int length = 0;
    boolean hasLetter = false;
    boolean hasNumber = false;
    for (int at = 0; at < word.length(); at = word.offsetByCodePoints(at, 1)) {
      int c = word.codePointAt(at);
      boolean inRun = isAlphanumeric(c);
      length = inRun ? length + 1 : 0;
      hasLetter = inRun && (hasLetter || Character.isLetter(c));
      hasNumber = inRun && (hasNumber || isNumber(c));
      if (length >= MIN_RUN_LENGTH && hasLetter && hasNumber) {
        return true;
      }
    }
    return false;
  }

  private static boolean isLongSecret(String secret) {
    return secret.length() >= SecretRedactor.MIN_REVEALING_LENGTH;
  }

  private static boolean sharesPrefixOrSuffix(String word, String secret) {
    return startsWithIgnoreCase(word, secret.substring(0, AFFIX_LENGTH))
        || word.regionMatches(
            true,
            word.length() - AFFIX_LENGTH,
            secret,
            secret.length() - AFFIX_LENGTH,
            AFFIX_LENGTH);
  }

  /// Ignores case.
  private static boolean startsWithIgnoreCase(String word, String prefix) {
    return word.regionMatches(true, 0, prefix, 0, prefix.length());
  }
}
