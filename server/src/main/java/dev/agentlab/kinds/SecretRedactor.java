package dev.agentlab.kinds;

import dev.agentlab.secrets.Secret;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Finds and masks secrets in texts, literally and in the encodings that errors and logs use. Eight
/// consecutive characters reveal a secret. Matching ignores case. Secrets shorter than that are
/// ignored.
final class SecretRedactor {
  /// The number of consecutive characters that reveal a secret.
  static final int MIN_REVEALING_LENGTH = 8;

  private static final int DECODE_PASSES = 3;

  /// The named character references of HTML that are decoded.
  private static final Map<String, String> ENTITIES =
      Map.of("amp", "&", "lt", "<", "gt", ">", "quot", "\"", "apos", "'");

  private static final int MAX_ENTITY_LENGTH = "&#1114111;".length();

  private final List<String> secrets;
  private final List<String> forms;
  private final Set<String> pieces = new HashSet<>();

  /// An escape sequence.
  ///
  /// @param end the index after the sequence
  private record Escape(String character, int end) {}

  static SecretRedactor of(CallableProvider provider) {
    return new SecretRedactor(provider.secrets().stream().map(Secret::reveal).toList());
  }

  SecretRedactor(List<String> secrets) {
    this.secrets = secrets.stream().filter(it -> it.length() >= MIN_REVEALING_LENGTH).toList();
    forms =
        this.secrets.stream()
            .flatMap(SecretRedactor::forms)
            .map(SecretRedactor::toLowerCase)
            .toList();
    forms.forEach(form ->
        IntStream.rangeClosed(0, form.length() - MIN_REVEALING_LENGTH)
            .forEach(at -> pieces.add(form.substring(at, at + MIN_REVEALING_LENGTH))));
  }

  /// The text with `***` for each part that reveals a secret. If only the decoded text reveals one,
  /// the entire result is `***`.
  String mask(String text) {
    String masked = maskPieces(text);
    return revealsSecret(decode(masked)) ? ErrorTextSanitizer.MASK : masked;
  }

  /// Whether the text contains a secret or the end of one.
  boolean foundIn(String text) {
    String lowerCase = toLowerCase(text);
    return forms.stream().anyMatch(lowerCase::contains)
        || secrets.stream()
            .map(secret -> toLowerCase(secret.substring(secret.length() - MIN_REVEALING_LENGTH)))
            .anyMatch(lowerCase::contains);
  }

  private String maskPieces(String text) {
    String lowerCase = toLowerCase(text);
    StringBuilder masked = new StringBuilder();
    int next = 0;
    for (int at = 0; at + MIN_REVEALING_LENGTH <= text.length(); at++) {
      if (pieces.contains(lowerCase.substring(at, at + MIN_REVEALING_LENGTH))) {
        // Overlapping and adjacent matches share one mask.
        if (at > next || masked.isEmpty()) {
          masked.append(text, next, at).append(ErrorTextSanitizer.MASK);
        }
        next = at + MIN_REVEALING_LENGTH;
      }
    }
    return masked.append(text, next, text.length()).toString();
  }

  private boolean revealsSecret(String text) {
    String lowerCase = toLowerCase(text);
    return IntStream.rangeClosed(0, lowerCase.length() - MIN_REVEALING_LENGTH)
        .anyMatch(at -> pieces.contains(lowerCase.substring(at, at + MIN_REVEALING_LENGTH)));
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

  /// The Base64 characters that depend only on the secret, given the number of bytes before it in a
  /// group of three, such as those of a user name.
  private static Stream<String> base64(byte[] secret, int before) {
    byte[] bytes = new byte[before + secret.length];
    System.arraycopy(secret, 0, bytes, before, secret.length);
    String text = Base64.getEncoder().withoutPadding().encodeToString(bytes);
    String determined = text.substring((8 * before + 5) / 6, 8 * bytes.length / 6);
    return Stream.of(determined, determined.replace('+', '-').replace('/', '_'));
  }

  private static String decode(String text) {
    String decoded = text;
    for (int i = 0; i < DECODE_PASSES; i++) {
      decoded = decodeOnce(decoded);
    }
    return decoded;
  }

  private static String decodeOnce(String text) {
    StringBuilder decoded = new StringBuilder(text.length());
    int at = 0;
    while (at < text.length()) {
      Optional<Escape> escape = parseEscape(text, at);
      decoded.append(escape.map(Escape::character).orElse(text.substring(at, at + 1)));
      at = escape.map(Escape::end).orElse(at + 1);
    }
    return decoded.toString();
  }

  /// The escape sequence that starts at an index: of a URL, of JSON and source code, or of HTML.
  private static Optional<Escape> parseEscape(String text, int at) {
    return switch (text.charAt(at)) {
      case '%' -> parseHex(text, at + 1, 2);
      case '\\' -> at + 1 < text.length() ? parseBackslash(text, at + 1) : Optional.empty();
      case '&' -> parseEntity(text, at);
      default -> Optional.empty();
    };
  }

  private static Optional<Escape> parseBackslash(String text, int at) {
    return switch (text.charAt(at)) {
      case 'u' -> parseHex(text, at + 1, 4);
      case 'x' -> parseHex(text, at + 1, 2);
      case '"', '\'', '/', '\\' -> Optional.of(new Escape(text.substring(at, at + 1), at + 1));
      default -> Optional.empty();
    };
  }

  private static Optional<Escape> parseHex(String text, int from, int digits) {
    int end = from + digits;
    return end <= text.length()
        ? character(text.substring(from, end), 16).map(it -> new Escape(it, end))
        : Optional.empty();
  }

  private static Optional<Escape> parseEntity(String text, int at) {
    int end = text.indexOf(';', at, Math.min(at + MAX_ENTITY_LENGTH, text.length()));
    if (end < 0) {
      return Optional.empty();
    }
    String name = text.substring(at + 1, end);
    Optional<String> character =
        name.startsWith("#x")
            ? character(name.substring(2), 16)
            : name.startsWith("#")
                ? character(name.substring(1), 10)
                : Optional.ofNullable(ENTITIES.get(name));
    return character.map(it -> new Escape(it, end + 1));
  }

  /// The character of a code point; an empty string for an invalid one.
  private static Optional<String> character(String digits, int radix) {
    if (digits.isEmpty() || !digits.chars().allMatch(c -> Character.digit(c, radix) >= 0)) {
      return Optional.empty();
    }
    int codePoint = Integer.parseInt(digits, radix);
    return Optional.of(Character.isValidCodePoint(codePoint) ? Character.toString(codePoint) : "");
  }

  /// The text in lower case, character by character, so that the length stays the same.
  private static String toLowerCase(String text) {
    char[] chars = text.toCharArray();
    for (int i = 0; i < chars.length; i++) {
      chars[i] = Character.toLowerCase(chars[i]);
    }
    return new String(chars);
  }
}
