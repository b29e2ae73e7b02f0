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
    return indexOf(text, part, 0) >= 0;
  }

  /// The first position of a part, from a position on; -1 if there is none.
  static int indexOf(byte[] text, byte[] part, int from) {
    for (int at = from; at <= text.length - part.length; at++) {
      if (text[at] == part[0] && Arrays.equals(text, at, at + part.length, part, 0, part.length)) {
        return at;
      }
    }
    return -1;
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
