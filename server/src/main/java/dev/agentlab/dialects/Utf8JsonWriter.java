package dev.agentlab.dialects;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.io.SerializedString;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectWriter;

/// A buffer for JSON as UTF-8, for texts that are written piece by piece without a tree. Not
/// thread-safe.
final class Utf8JsonWriter {
  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

  /// The letter after the backslash for each ASCII character; 0 for a character that is written as
  /// it is, and `u` for one without a letter.
  private static final byte[] ESCAPES = new byte[128];

  static {
    Arrays.fill(ESCAPES, 0, ' ', (byte) 'u');
    ESCAPES['\b'] = 'b';
    ESCAPES['\t'] = 't';
    ESCAPES['\n'] = 'n';
    ESCAPES['\f'] = 'f';
    ESCAPES['\r'] = 'r';
    ESCAPES['"'] = '"';
    ESCAPES['\\'] = '\\';
  }

  private static final int INITIAL_BYTES = 512;
  private static final int SLICE_CHARS = 1024;

  /// The length of the escape of a control character.
  private static final int MAX_BYTES_PER_CHAR = 6;

  /// A buffer that one large event has enlarged is not kept.
  private static final int MAX_KEPT_BYTES = 8 << 10;

  private final boolean escapesLineEnds;
  private final ObjectWriter values;

  private byte[] buffer = new byte[INITIAL_BYTES];
  private int length;

  Utf8JsonWriter() {
    this(false, ProviderJson.MAPPER.writer());
  }

  private Utf8JsonWriter(boolean escapesLineEnds, ObjectWriter values) {
    this.escapesLineEnds = escapesLineEnds;
    this.values = values;
  }

  /// A buffer that also escapes the characters that only Unicode calls the end of a line, as Google
  /// does.
  static Utf8JsonWriter escapingLineEnds() {
    return new Utf8JsonWriter(true, ProviderJson.MAPPER.writer().with(new LineEndEscapes()));
  }

  private static boolean isLineEnd(int c) {
    return c == '\u0085' || c == '\u2028' || c == '\u2029';
  }

  private static String escape(int c) {
    return "\\u%04X".formatted(c);
  }

  /// The same escapes for Jackson.
  private static final class LineEndEscapes extends CharacterEscapes {
    @Override
    public int[] getEscapeCodesForAscii() {
      return standardAsciiEscapesForJSON();
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int c) {
      return isLineEnd(c) ? new SerializedString(escape(c)) : null;
    }
  }

  /// Appends bytes unchanged.
  Utf8JsonWriter raw(byte[] bytes) {
    reserve(bytes.length);
    System.arraycopy(bytes, 0, buffer, length, bytes.length);
    length += bytes.length;
    return this;
  }

  /// Appends a range of bytes unchanged.
  Utf8JsonWriter raw(byte[] bytes, int from, int to) {
    reserve(to - from);
    System.arraycopy(bytes, from, buffer, length, to - from);
    length += to - from;
    return this;
  }

  /// Appends ASCII text unchanged.
  @SuppressWarnings("deprecation") // The deprecated method is for exactly this: ASCII only.
  Utf8JsonWriter ascii(String text) {
    reserve(text.length());
    text.getBytes(0, text.length(), buffer, length);
    length += text.length();
    return this;
  }

  /// Appends a number.
  Utf8JsonWriter number(long number) {
    return ascii(Long.toString(number));
  }

  /// Appends a JSON value.
  Utf8JsonWriter value(JsonNode json) {
    return json.isString() ? string(json.stringValue()) : raw(values.writeValueAsBytes(json));
  }

  /// Appends a JSON string, with the same escapes as Jackson unless the buffer escapes more.
  ///
  /// @throws ProviderErrorException if the text has an unpaired surrogate
  Utf8JsonWriter string(String text) {
    int chars = text.length();
    reserve(chars + 2);
    buffer[length++] = '"';
    int i = 0;
    while (i < chars) {
      // The space for a slice is reserved at once, so that it is not checked for each character.
      int end = Math.min(chars, i + SLICE_CHARS);
      reserve((long) MAX_BYTES_PER_CHAR * (end - i + 1));
      while (i < end) {
        i += character(text, i);
      }
    }
    reserve(1);
    buffer[length++] = '"';
    return this;
  }

  /// Appends the character at a position.
  ///
  /// @return its length in the text
  private int character(String text, int at) {
    char c = text.charAt(at);
    if (c < 0x80) {
      byte escape = ESCAPES[c];
      if (escape == 0) {
        buffer[length++] = (byte) c;
      } else {
        escape(c, escape);
      }
    } else if (escapesLineEnds && isLineEnd(c)) {
      ascii(escape(c));
    } else if (c < 0x800) {
      buffer[length++] = (byte) (0xC0 | (c >> 6));
      buffer[length++] = continuation(c);
    } else if (!Character.isSurrogate(c)) {
      buffer[length++] = (byte) (0xE0 | (c >> 12));
      buffer[length++] = continuation(c >> 6);
      buffer[length++] = continuation(c);
    } else {
      supplementary(codePoint(text, at));
      return 2;
    }
    return 1;
  }

  /// A continuation byte with the lowest six bits.
  private static byte continuation(int bits) {
    return (byte) (0x80 | (bits & 0x3F));
  }

  private void escape(char c, byte letter) {
    buffer[length++] = '\\';
    buffer[length++] = letter;
    if (letter == 'u') {
      buffer[length++] = '0';
      buffer[length++] = '0';
      buffer[length++] = HEX[c >> 4];
      buffer[length++] = HEX[c & 0xF];
    }
  }

  private static int codePoint(String text, int at) {
    int codePoint = text.codePointAt(at);
    if (codePoint < Character.MIN_SUPPLEMENTARY_CODE_POINT) {
      throw ProviderErrorException.invalidJson();
    }
    return codePoint;
  }

  private void supplementary(int codePoint) {
    buffer[length++] = (byte) (0xF0 | (codePoint >> 18));
    buffer[length++] = continuation(codePoint >> 12);
    buffer[length++] = continuation(codePoint >> 6);
    buffer[length++] = continuation(codePoint);
  }

  /// The number of bytes in the buffer.
  int length() {
    return length;
  }

  /// Removes the bytes after a position.
  void truncate(int newLength) {
    length = newLength;
  }

  /// Returns the bytes since the previous call.
  byte[] take() {
    byte[] taken = Arrays.copyOf(buffer, length);
    length = 0;
    if (buffer.length > MAX_KEPT_BYTES) {
      buffer = new byte[INITIAL_BYTES];
    }
    return taken;
  }

  private void reserve(long bytes) {
    long required = length + bytes;
    if (required > buffer.length) {
      buffer = Arrays.copyOf(buffer, (int) Math.max(required, 2L * buffer.length));
    }
  }
}
