package dev.agentlab.secrets;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.security.SecureRandom;

/// Random texts of base-62 digits: `0-9A-Za-z`.
public final class Base62 {
  /// The number of digits that represent 256 bits: 62^43 is just above 2^256.
  public static final int DIGITS_OF_256_BITS = 43;

  private static final byte[] DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".getBytes(ISO_8859_1);

  /// Bytes below this limit map to all digits with equal probability.
  private static final int UNBIASED_BYTE_LIMIT = 256 - 256 % 62;

  private static final SecureRandom RANDOM = new SecureRandom();

  private Base62() {}

  /// Generates a text of uniformly distributed digits.
  public static String random(int count) {
    byte[] digits = new byte[count];
    byte[] random = new byte[count];
    for (int filled = 0; filled < count; ) {
      RANDOM.nextBytes(random);
      for (int i = 0; i < random.length && filled < count; i++) {
        int value = Byte.toUnsignedInt(random[i]);
        if (value < UNBIASED_BYTE_LIMIT) {
          digits[filled++] = DIGITS[value % DIGITS.length];
        }
      }
    }
    return new String(digits, ISO_8859_1);
  }

  /// Formats a number with leading zeros.
  ///
  /// @param number not negative
  /// @param count the number of digits, of which the highest are dropped if the number has more
  public static String format(long number, int count) {
    byte[] digits = new byte[count];
    long remainder = number;
    for (int i = count - 1; i >= 0; i--, remainder /= DIGITS.length) {
      digits[i] = DIGITS[(int) (remainder % DIGITS.length)];
    }
    return new String(digits, ISO_8859_1);
  }

  /// Whether a character is a digit.
  public static boolean isDigit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  }
}
