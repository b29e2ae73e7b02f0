package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.util.Arrays;

/// Strict UTF-8 validation (RFC 3629): rejects overlong forms, surrogates and truncated characters.
final class Utf8 {
  private static final int BUFFER_CHARS = 1024;

  private Utf8() {}

  static boolean isValid(byte[] bytes, int from, int to) {
    int ascii = from;
    while (ascii < to && bytes[ascii] >= 0) {
      ascii++;
    }
    return ascii == to || isDecodable(ByteBuffer.wrap(bytes, ascii, to - ascii));
  }

  /// Whether a text contains another one.
  ///
  /// @param part not empty
  static boolean contains(byte[] text, byte[] part) {
    for (int i = 0; i <= text.length - part.length; i++) {
      if (text[i] == part[0] && Arrays.equals(text, i, i + part.length, part, 0, part.length)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isDecodable(ByteBuffer bytes) {
    CharsetDecoder decoder = UTF_8.newDecoder();
    CharBuffer chars = CharBuffer.allocate(Math.min(bytes.remaining(), BUFFER_CHARS));
    while (true) {
      CoderResult result = decoder.decode(bytes, chars.clear(), true);
      if (!result.isOverflow()) {
        return result.isUnderflow();
      }
    }
  }
}
