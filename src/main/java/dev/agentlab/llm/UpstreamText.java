package dev.agentlab.llm;

import dev.agentlab.errors.Brief;
import dev.agentlab.json.Json;
import dev.agentlab.secrets.Secret;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// What a provider says about an error, made fit to show: no markup, no control characters, nothing
/// that is or resembles a secret, and not long.
public final class UpstreamText {
  private static final int LONGEST = 300;
  static final String MASK = "***";

  private static final Pattern TAG = Pattern.compile("</?[a-zA-Z!][^>]*>");
  private static final Pattern BREAKS = Pattern.compile("[\\p{javaWhitespace}\\p{Z}]+");
  private static final Pattern INVISIBLE = Pattern.compile("[\\p{C}\\p{M}&&[^ ]]");

  /// What is written without a gap, keys included, and what providers put in the middle of a key
  /// that they repeat.
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}_~+/=.*…-]{8,}");

  /// The beginnings by which vendors mark their keys, JSON web tokens, and a long run of letters
  /// and digits, as no name of a model has.
  private static final Pattern KEY =
      Pattern.compile(
          "(?i)(sk|pk|rk|gsk|xai|hf|ghp|agl|key)[-_].*|AIza.*|AKIA.*|eyJ.*|.*\\*{3,}.*"
              + "|.*(?=\\p{L}*\\p{N})(?=\\p{N}*\\p{L})[\\p{L}\\p{N}]{20,}.*");

  /// How much of a secret's beginning or end gives it away.
  private static final int TELLING = 4;

  private UpstreamText() {}

  /// The message within a body; empty when there is none fit to show.
  public static Optional<String> message(String body, LlmProvider provider) {
    String text = message(body);
    return Optional.of(clean(text, provider)).filter(clean -> !clean.isEmpty());
  }

  static boolean isMarkup(String body) {
    return body.stripLeading().startsWith("<");
  }

  static boolean holdsSecret(String text, LlmProvider provider) {
    return new SecretForms(secrets(provider)).standIn(text);
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
    List<String> secrets = secrets(provider);
    SecretForms forms = new SecretForms(secrets);
    String head = text.substring(0, Math.min(text.length(), 20 * LONGEST));
    // Before anything is taken out of the text: a secret may hold what looks like a tag.
    String safe = forms.masked(withoutLiterals(head, secrets));
    String line = BREAKS.matcher(TAG.matcher(safe).replaceAll(" ")).replaceAll(" ");
    String plain = INVISIBLE.matcher(line).replaceAll("").strip();
    String masked = mask(forms.masked(withoutLiterals(plain, secrets)), secrets);
    return Brief.cut(masked, LONGEST);
  }

  private static String mask(String text, List<String> secrets) {
    return WORD.matcher(text)
        .replaceAll(word ->
            resembles(word.group(), secrets) ? MASK : Matcher.quoteReplacement(word.group()));
  }

  private static String withoutLiterals(String text, List<String> secrets) {
    String without = text;
    for (String secret : secrets) {
      without = wherever(secret).matcher(without).replaceAll(MASK);
    }
    return without;
  }

  /// Where a secret stands in a text. A short one, such as the `ollama` that some clients insist
  /// on, counts only as a word of its own.
  private static Pattern wherever(String secret) {
    String literal = Pattern.quote(secret);
    return Pattern.compile(
        isTelling(secret) ? literal : "(?<![\\p{L}\\p{N}])" + literal + "(?![\\p{L}\\p{N}])");
  }

  private static boolean isTelling(String secret) {
    return secret.length() >= SecretForms.TELLING;
  }

  private static boolean resembles(String word, List<String> secrets) {
    return KEY.matcher(word).matches()
        || secrets.stream().anyMatch(it -> isTelling(it) && sharesAnEnd(word, it));
  }

  private static boolean sharesAnEnd(String word, String secret) {
    String small = word.toLowerCase(Locale.ROOT);
    String key = secret.toLowerCase(Locale.ROOT);
    return small.startsWith(key.substring(0, TELLING))
        || small.endsWith(key.substring(key.length() - TELLING));
  }

  private static List<String> secrets(LlmProvider provider) {
    return provider.secrets().stream().map(Secret::reveal).toList();
  }
}
