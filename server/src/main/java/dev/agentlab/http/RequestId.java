package dev.agentlab.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Request ids: the id sent by the client, or a generated id that sorts by time.
final class RequestId {
  private static final int MAX_LENGTH = 64;

  /// In ASCII order, so that the text sorts like the number.
  private static final byte[] DIGITS = "0123456789abcdefghjkmnpqrstvwxyz".getBytes(ISO_8859_1);

  private static final int TIME_DIGITS = 9;
  private static final int RANDOM_DIGITS = 12;

  private RequestId() {}

  /// Returns the id of a request.
  ///
  /// @param given the `X-Request-Id` header; ignored if absent or invalid
  static String of(@Nullable String given) {
    return given != null && isValid(given) ? given : generate();
  }

  private static boolean isValid(String text) {
    if (text.isEmpty() || text.length() > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean valid =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '.'
              || c == '_'
              || c == '-';
      if (!valid) {
        return false;
      }
    }
    return true;
  }

  private static String generate() {
    byte[] text = new byte[TIME_DIGITS + RANDOM_DIGITS];
    write(System.currentTimeMillis(), text, 0, TIME_DIGITS);
    write(ThreadLocalRandom.current().nextLong(), text, TIME_DIGITS, RANDOM_DIGITS);
    return new String(text, ISO_8859_1);
  }

  /// Writes the lowest bits, five per digit.
  private static void write(long number, byte[] text, int start, int digits) {
    for (int i = start + digits - 1; i >= start; i--, number >>>= 5) {
      text[i] = DIGITS[(int) (number & 31)];
    }
  }
}
