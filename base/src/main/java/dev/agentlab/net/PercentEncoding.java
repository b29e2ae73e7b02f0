package dev.agentlab.net;

import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Percent-encoding of UTF-8 (RFC 3986, section 2.1). The decoder is strict: malformed escapes and
/// bytes that are not UTF-8 are errors.
public final class PercentEncoding {
  private PercentEncoding() {}

  /// Encodes text as one path segment or one query value. Everything except letters, digits, `-`,
  /// `.`, `_` and `~` is percent-encoded.
  public static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8)
        .replace("+", "%20")
        .replace("*", "%2A")
        .replace("%7E", "~");
  }

  /// Decodes a part of a URL such as a path segment.
  ///
  /// @throws IllegalArgumentException if an escape is malformed
  public static String decode(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream decoded = new ByteArrayOutputStream(encoded.length);
    for (int i = 0; i < encoded.length; i++) {
      if (encoded[i] != '%') {
        decoded.write(encoded[i]);
        continue;
      }
      int high = i + 2 < encoded.length ? hex(encoded[i + 1]) : -1;
      int low = i + 2 < encoded.length ? hex(encoded[i + 2]) : -1;
      if (high < 0 || low < 0) {
        throw new IllegalArgumentException("% must be followed by two hexadecimal digits");
      }
      decoded.write(high << 4 | low);
      i += 2;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(decoded.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("percent-encoded bytes must be UTF-8", e);
    }
  }

  /// Decodes a name or value of a query, in which `+` encodes a space.
  ///
  /// @throws IllegalArgumentException if an escape is malformed
  public static String decodeQuery(String text) {
    return decode(text.replace('+', ' '));
  }

  private static int hex(byte digit) {
    return digit < 0 ? -1 : Character.digit(digit, 16);
  }
}
