package dev.agentlab.llm;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// What a text can give secrets away by: their own characters, or those of an encoding that errors
/// and logs wrap them in, eight in a row. Capitals count as small letters. A secret shorter than
/// that is no concern of this.
final class SecretForms {
  /// Characters in a row that give a secret away.
  static final int TELLING = 8;

  private static final int DECODINGS = 3;

  /// What one character may stand as: in a URL, in JSON and source code, in HTML.
  private static final Pattern ESCAPE =
      Pattern.compile(
          "%(?<percent>[0-9a-fA-F]{2})|\\\\u(?<unicode>[0-9a-fA-F]{4})|\\\\x(?<hex>[0-9a-fA-F]{2})"
              + "|\\\\(?<quoted>[\"'/\\\\])|&#x(?<entity>[0-9a-fA-F]{1,6});"
              + "|&#(?<decimal>[0-9]{1,7});|&(?<name>amp|lt|gt|quot|apos);");

  private final List<String> secrets;
  private final List<String> forms;
  private final Set<String> pieces = new HashSet<>();

  SecretForms(List<String> secrets) {
    this.secrets = secrets.stream().filter(it -> it.length() >= TELLING).toList();
    forms = this.secrets.stream().flatMap(SecretForms::forms).map(SecretForms::small).toList();
    forms.forEach(form ->
        IntStream.rangeClosed(0, form.length() - TELLING)
            .forEach(at -> pieces.add(form.substring(at, at + TELLING))));
  }

  /// The text with `***` wherever it gives a secret away; nothing but that if it does so in a way
  /// that cannot be pointed at.
  String masked(String text) {
    String masked = pointedAt(text);
    return isTold(decoded(masked)) ? UpstreamText.MASK : masked;
  }

  /// Whether the whole of a secret or its end stands in a text.
  boolean standIn(String text) {
    String small = small(text);
    return forms.stream().anyMatch(small::contains)
        || secrets.stream()
            .map(secret -> small(secret.substring(secret.length() - TELLING)))
            .anyMatch(small::contains);
  }

  private String pointedAt(String text) {
    String small = small(text);
    StringBuilder masked = new StringBuilder();
    int next = 0;
    for (int at = 0; at + TELLING <= text.length(); at++) {
      if (pieces.contains(small.substring(at, at + TELLING))) {
        // Of two that overlap or touch, the second goes on with the first.
        if (at > next || masked.isEmpty()) {
          masked.append(text, next, at).append(UpstreamText.MASK);
        }
        next = at + TELLING;
      }
    }
    return masked.append(text, next, text.length()).toString();
  }

  private boolean isTold(String text) {
    String small = small(text);
    return IntStream.rangeClosed(0, small.length() - TELLING)
        .anyMatch(at -> pieces.contains(small.substring(at, at + TELLING)));
  }

  private static Stream<String> forms(String secret) {
    byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
    return Stream.concat(
        Stream.of(
            secret,
            URLEncoder.encode(secret, StandardCharsets.UTF_8),
            HexFormat.of().formatHex(bytes)),
        IntStream.range(0, 3).boxed().flatMap(before -> base64(bytes, before)));
  }

  /// The characters of Base64 that the secret alone decides, when so many bytes stand before it
  /// within a group of three, such as a user's name.
  private static Stream<String> base64(byte[] secret, int before) {
    byte[] bytes = new byte[before + secret.length];
    System.arraycopy(secret, 0, bytes, before, secret.length);
    String text = Base64.getEncoder().withoutPadding().encodeToString(bytes);
    String decided = text.substring((8 * before + 5) / 6, 8 * bytes.length / 6);
    return Stream.of(decided, decided.replace('+', '-').replace('/', '_'));
  }

  private static String decoded(String text) {
    String decoded = text;
    for (int i = 0; i < DECODINGS; i++) {
      decoded =
          ESCAPE.matcher(decoded).replaceAll(found -> Matcher.quoteReplacement(character(found)));
    }
    return decoded;
  }

  private static String character(MatchResult found) {
    for (String hex : List.of("percent", "unicode", "hex", "entity")) {
      if (found.group(hex) != null) {
        return character(Integer.parseInt(found.group(hex), 16));
      }
    }
    if (found.group("decimal") != null) {
      return character(Integer.parseInt(found.group("decimal")));
    }
    if (found.group("quoted") != null) {
      return found.group("quoted");
    }
    return switch (found.group("name")) {
      case "amp" -> "&";
      case "lt" -> "<";
      case "gt" -> ">";
      case "quot" -> "\"";
      default -> "'";
    };
  }

  private static String character(int code) {
    return Character.isValidCodePoint(code) ? Character.toString(code) : "";
  }

  /// Of the same length as the text.
  private static String small(String text) {
    char[] small = text.toCharArray();
    for (int i = 0; i < small.length; i++) {
      small[i] = Character.toLowerCase(small[i]);
    }
    return new String(small);
  }
}
