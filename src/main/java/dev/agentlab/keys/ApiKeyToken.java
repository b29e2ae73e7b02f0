package dev.agentlab.keys;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.json.SchemaName;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.zip.CRC32;

/// The text of an API key: `agl_<type>_<id>_<secret><checksum>`.
///
/// The id has 12 characters and identifies the key, the secret has 43, and the checksum is the
/// CRC-32 of all characters before it in 6; all are base-62 digits (`0-9A-Za-z`). The checksum
/// distinguishes a truncated key from an unknown one, and allows secret scanners to find keys.
///
/// The text is secret: [#toString] returns the prefix and `***`. The JSON form is the complete key,
/// which only the response that creates or rotates the key contains.
@SchemaName("ApiKeySecret")
public final class ApiKeyToken {
  private static final String START = "agl_";
  private static final byte[] DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".getBytes(ISO_8859_1);
  private static final int ID = 12;

  /// 62^43 is just above 2^256.
  private static final int SECRET = 43;

  private static final int CHECKSUM = 6;

  /// The length of the part after the type and its underscore.
  private static final int REST = ID + 1 + SECRET + CHECKSUM;

  /// Bytes below this limit map to all digits with equal probability.
  private static final int FAIR = 256 - 256 % 62;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final String text;
  private final KeyType type;

  private ApiKeyToken(String text, KeyType type) {
    this.text = text;
    this.type = type;
  }

  /// Generates a key with a random id and secret.
  static ApiKeyToken random(KeyType type) {
    return renewed(type, digits(ID));
  }

  /// Generates a key with a new secret for an existing id.
  static ApiKeyToken renewed(KeyType type, String id) {
    String body = prefix(type, id) + "_" + digits(SECRET);
    return new ApiKeyToken(body + checksum(body.getBytes(ISO_8859_1), body.length()), type);
  }

  /// Whether a text has the prefix of API keys, well-formed or not.
  public static boolean isAttemptedBy(String text) {
    return text.startsWith(START);
  }

  /// Parses an API key. Empty if the text is not exactly a well-formed key.
  public static Optional<ApiKeyToken> parse(String text) {
    for (KeyType type : KeyType.values()) {
      int from = START.length() + type.toString().length() + 1;
      if (text.length() == from + REST
          && text.startsWith(START)
          && text.startsWith(type.toString(), START.length())
          && text.charAt(from - 1) == '_'
          && isWhole(text, from)) {
        return Optional.of(new ApiKeyToken(text, type));
      }
    }
    return Optional.empty();
  }

  private static boolean isWhole(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      if (i == from + ID ? text.charAt(i) != '_' : !isDigit(text.charAt(i))) {
        return false;
      }
    }
    int end = text.length() - CHECKSUM;
    String expected = checksum(text.getBytes(ISO_8859_1), end);
    return text.startsWith(expected, end);
  }

  private static boolean isDigit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  }

  private static String digits(int count) {
    byte[] digits = new byte[count];
    byte[] random = new byte[count];
    for (int filled = 0; filled < count; ) {
      RANDOM.nextBytes(random);
      for (int i = 0; i < random.length && filled < count; i++) {
        int value = Byte.toUnsignedInt(random[i]);
        if (value < FAIR) {
          digits[filled++] = DIGITS[value % DIGITS.length];
        }
      }
    }
    return new String(digits, ISO_8859_1);
  }

  private static String checksum(byte[] text, int length) {
    CRC32 crc = new CRC32();
    crc.update(text, 0, length);
    long remainder = crc.getValue();
    byte[] digits = new byte[CHECKSUM];
    for (int i = CHECKSUM - 1; i >= 0; i--, remainder /= DIGITS.length) {
      digits[i] = DIGITS[(int) (remainder % DIGITS.length)];
    }
    return new String(digits, ISO_8859_1);
  }

  public KeyType type() {
    return type;
  }

  /// The part that identifies the key.
  public String id() {
    int from = text.length() - REST;
    return text.substring(from, from + ID);
  }

  /// The public part: all characters before the secret.
  public String prefix() {
    return prefix(type, id());
  }

  /// The public part of a key.
  static String prefix(KeyType type, String id) {
    return START + type + "_" + id;
  }

  /// The complete key. Must be used only to return it to its owner.
  @JsonValue
  public String reveal() {
    return text;
  }

  /// The input of the keyed hash.
  byte[] bytes() {
    return text.getBytes(ISO_8859_1);
  }

  @Override
  public String toString() {
    return prefix() + "_***";
  }
}
