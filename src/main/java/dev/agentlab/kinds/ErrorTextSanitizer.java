package dev.agentlab.kinds;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.json.Json;
import dev.agentlab.secrets.Secret;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// What a provider says about an error, made fit to show: no markup, no control characters, nothing
/// that is or resembles a secret, and not long.
public final class ErrorTextSanitizer {
  private static final int LONGEST = 300;
  static final String MASK = "***";

  /// What stands in words beside letters and numbers: in keys, and in the middle of a key that a
  /// provider repeats.
  private static final String IN_WORDS = "_~+/=.*…-";

  private static final int SHORTEST_KEY = 8;

  /// The beginnings by which vendors mark their keys, and JSON web tokens.
  private static final List<String> KEY_PREFIXES =
      Stream.concat(
              Stream.of("sk", "pk", "rk", "gsk", "xai", "hf", "ghp", "agl", "key")
                  .flatMap(vendor -> Stream.of(vendor + "-", vendor + "_")),
              Stream.of("AIza", "AKIA", "eyJ"))
          .toList();

  /// Letters and digits in a row, as no name of a model has.
  private static final int LONG_RUN = 20;

  /// How much of a secret's beginning or end gives it away.
  private static final int TELLING = 4;

  private ErrorTextSanitizer() {}

  /// The message within a body; empty when there is none fit to show.
  public static Optional<String> message(String body, LlmProvider provider) {
    String text = message(body);
    return Optional.of(clean(text, provider)).filter(clean -> !clean.isEmpty());
  }

  static boolean isMarkup(String body) {
    return body.stripLeading().startsWith("<");
  }

  private static String message(String body) {
    if (isMarkup(body)) {
      return "";
    }
    try {
      JsonNode json = Json.MAPPER.readTree(body);
      // Google's may stand in a list.
      JsonNode told = json.isArray() ? json.path(0) : json;
      return Stream.of(
              told.at("/error/message"),
              told.path("error"),
              told.path("message"),
              told.path("detail"),
              told.at("/detail/message"))
          .filter(JsonNode::isString)
          .map(JsonNode::stringValue)
          .findFirst()
          .orElseGet(() -> faults(told.path("detail")));
    } catch (JacksonException e) {
      return body;
    }
  }

  /// FastAPI's list of what is wrong with a request, each with where it stands
  /// (https://fastapi.tiangolo.com/tutorial/handling-errors).
  private static String faults(JsonNode detail) {
    return detail
        .valueStream()
        .filter(fault -> fault.path("msg").isString())
        .map(fault -> {
          String where =
              fault
                  .path("loc")
                  .valueStream()
                  .map(it -> it.stringValue(it.toString()))
                  .collect(Collectors.joining("."));
          return (where.isEmpty() ? "" : where + ": ") + fault.path("msg").stringValue();
        })
        .collect(Collectors.joining("; "));
  }

  /// A provider's own words, fit to show; empty when nothing of them is.
  public static String clean(String text, LlmProvider provider) {
    String head = text.substring(0, Math.min(text.length(), 20 * LONGEST));
    List<String> secrets = provider.secrets().stream().map(Secret::reveal).toList();
    return Excerpt.cut(plain(head, secrets), LONGEST);
  }

  /// The text without markup, control characters and secrets. Takes time in proportion to its
  /// length, whatever is in it.
  static String plain(String text, List<String> secrets) {
    SecretForms forms = new SecretForms(secrets);
    // Before anything is taken out of the text: a secret may hold what looks like a tag.
    String safe = forms.masked(withoutLiterals(text, secrets));
    String line = onOneLine(withoutTags(safe)).strip();
    return withoutKeys(forms.masked(withoutLiterals(line, secrets)), secrets);
  }

  /// A space for each tag.
  private static String withoutTags(String text) {
    StringBuilder without = new StringBuilder(text.length());
    int next = 0;
    int at = text.indexOf('<');
    while (at >= 0) {
      int end = opensTag(text, at) ? text.indexOf('>', at) : at;
      if (end < 0) {
        break;
      }
      if (end > at) {
        without.append(text, next, at).append(' ');
        next = end + 1;
      }
      at = text.indexOf('<', end + 1);
    }
    return without.append(text, next, text.length()).toString();
  }

  private static boolean opensTag(String text, int at) {
    int name = text.startsWith("</", at) ? at + 2 : at + 1;
    return name < text.length() && startsTagName(text.charAt(name));
  }

  private static boolean startsTagName(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '!';
  }

  /// A space for each run of spaces and line breaks, and nothing for what cannot be seen.
  private static String onOneLine(String text) {
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

  /// Masks secrets as they are. A short one, such as the `ollama` that some clients insist on,
  /// counts only as a word of its own.
  private static String withoutLiterals(String text, List<String> secrets) {
    String without = text;
    for (String secret : secrets) {
      without = isTelling(secret) ? without.replace(secret, MASK) : withoutWord(without, secret);
    }
    return without;
  }

  private static String withoutWord(String text, String word) {
    StringBuilder without = new StringBuilder(text.length());
    int next = 0;
    int at = text.indexOf(word);
    while (at >= 0) {
      int end = at + word.length();
      boolean goesOn =
          (at > 0 && isAlphanumeric(text.charAt(at - 1)))
              || (end < text.length() && isAlphanumeric(text.charAt(end)));
      if (!goesOn) {
        without.append(text, next, at).append(MASK);
        next = end;
      }
      at = text.indexOf(word, goesOn ? at + 1 : end);
    }
    return without.append(text, next, text.length()).toString();
  }

  /// Masks the words that are keys, or resemble a secret.
  private static String withoutKeys(String text, List<String> secrets) {
    StringBuilder masked = new StringBuilder(text.length());
    int at = 0;
    while (at < text.length()) {
      int end = endOfWord(text, at);
      String word = text.substring(at, end);
      masked.append(isKey(word, secrets) ? MASK : word);
      at = end;
      while (at < text.length() && !isInWord(text.codePointAt(at))) {
        masked.append(text.charAt(at));
        at++;
      }
    }
    return masked.toString();
  }

  private static int endOfWord(String text, int start) {
    int end = start;
    while (end < text.length() && isInWord(text.codePointAt(end))) {
      end = text.offsetByCodePoints(end, 1);
    }
    return end;
  }

  private static boolean isInWord(int codePoint) {
    return isAlphanumeric(codePoint) || IN_WORDS.indexOf(codePoint) >= 0;
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

  private static boolean isKey(String word, List<String> secrets) {
    return word.codePointCount(0, word.length()) >= SHORTEST_KEY
        && (KEY_PREFIXES.stream().anyMatch(it -> beginsWith(word, it))
            || word.contains(MASK)
            || hasLongRun(word)
            || secrets.stream().anyMatch(it -> isTelling(it) && sharesAnEnd(word, it)));
  }

  /// Whether letters and digits, some of each, stand in a row.
  private static boolean hasLongRun(String word) {
    int length = 0;
    boolean hasLetter = false;
    boolean hasNumber = false;
    for (int at = 0; at < word.length(); at = word.offsetByCodePoints(at, 1)) {
      int c = word.codePointAt(at);
      boolean goesOn = isAlphanumeric(c);
      length = goesOn ? length + 1 : 0;
      hasLetter = goesOn && (hasLetter || Character.isLetter(c));
      hasNumber = goesOn && (hasNumber || isNumber(c));
      if (length >= LONG_RUN && hasLetter && hasNumber) {
        return true;
      }
    }
    return false;
  }

  private static boolean isTelling(String secret) {
    return secret.length() >= SecretForms.TELLING;
  }

  private static boolean sharesAnEnd(String word, String secret) {
    return beginsWith(word, secret.substring(0, TELLING))
        || word.regionMatches(
            true, word.length() - TELLING, secret, secret.length() - TELLING, TELLING);
  }

  /// Capitals count as small letters.
  private static boolean beginsWith(String word, String beginning) {
    return word.regionMatches(true, 0, beginning, 0, beginning.length());
  }
}
