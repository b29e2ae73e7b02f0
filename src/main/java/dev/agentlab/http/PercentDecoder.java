package dev.agentlab.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// A strict decoder for percent-encoding (RFC 3986, section 2.1): malformed escapes and bytes that
/// are not UTF-8 are errors.
final class PercentDecoder {
  private PercentDecoder() {}

  /// Decodes a path segment.
  ///
  /// @throws IllegalArgumentException if an escape is malformed
  static String decodePath(String text) {
    return text.indexOf('%') < 0 ? text : decode(text);
  }

  /// Decodes a name or value of a query, in which `+` encodes a space.
  ///
  /// @throws IllegalArgumentException if an escape is malformed
  static String decodeQuery(String text) {
    return decodePath(text.replace('+', ' '));
  }

  private static String decode(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '%') {
        bytes.write(c);
        continue;
      }
      int high = i + 2 < text.length() ? hex(text.charAt(i + 1)) : -1;
      int low = i + 2 < text.length() ? hex(text.charAt(i + 2)) : -1;
      if (high < 0 || low < 0) {
        throw new IllegalArgumentException("% must be followed by two hexadecimal digits");
      }
      bytes.write(high << 4 | low);
      i += 2;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("percent-encoded bytes must be UTF-8", e);
    }
  }

  /// Unlike [Character#digit], accepts ASCII only.
  private static int hex(char c) {
    return c < 128 ? Character.digit(c, 16) : -1;
  }
}
