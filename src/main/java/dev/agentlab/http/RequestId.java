package dev.agentlab.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Names of requests in the log: the caller's own, or new ones that sort by time.
final class RequestId {
  private static final int MAX_LENGTH = 64;

  /// In the order of ASCII, so that the text sorts as the number does.
  private static final byte[] DIGITS = "0123456789abcdefghjkmnpqrstvwxyz".getBytes(ISO_8859_1);

  private static final int TIME_DIGITS = 9;
  private static final int RANDOM_DIGITS = 12;

  private RequestId() {}

  /// @param given what the caller sent, if it did
  static String of(@Nullable String given) {
    return given != null && isFit(given) ? given : next();
  }

  private static boolean isFit(String text) {
    if (text.isEmpty() || text.length() > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean fit =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '.'
              || c == '_'
              || c == '-';
      if (!fit) {
        return false;
      }
    }
    return true;
  }

  private static String next() {
    byte[] text = new byte[TIME_DIGITS + RANDOM_DIGITS];
    write(System.currentTimeMillis(), text, 0, TIME_DIGITS);
    write(ThreadLocalRandom.current().nextLong(), text, TIME_DIGITS, RANDOM_DIGITS);
    return new String(text, ISO_8859_1);
  }

  /// The lowest bits, five to a digit.
  private static void write(long number, byte[] text, int start, int digits) {
    for (int i = start + digits - 1; i >= start; i--, number >>>= 5) {
      text[i] = DIGITS[(int) (number & 31)];
    }
  }
}
