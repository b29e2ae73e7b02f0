package dev.agentlab.keys;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.json.SchemaName;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.zip.CRC32;

/// An API key as its caller has it: `agl_<type>_<id>_<secret><checksum>`.
///
/// The id is 12 characters and names the key, the secret is 43 and proves it, and the checksum is
/// the CRC-32 of all before it in 6; all are digits to the base 62 (`0-9A-Za-z`). The checksum
/// tells a key that was cut short from one that is unknown, and lets scanners of source code find
/// keys.
///
/// A secret: printed it is its prefix and `***`, as JSON the whole key, which only the answer
/// carries that makes it.
@SchemaName("ApiKeySecret")
public final class ApiKeyToken {
  private static final String START = "agl_";
  private static final byte[] DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".getBytes(ISO_8859_1);
  private static final int ID = 12;

  /// 62^43 is just above 2^256.
  private static final int SECRET = 43;

  private static final int CHECKSUM = 6;

  /// What follows the type and its underscore.
  private static final int REST = ID + 1 + SECRET + CHECKSUM;

  /// A byte below this is as likely one digit as any other.
  private static final int FAIR = 256 - 256 % 62;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final String text;
  private final KeyType type;

  private ApiKeyToken(String text, KeyType type) {
    this.text = text;
    this.type = type;
  }

  /// A new key that nobody can guess.
  static ApiKeyToken random(KeyType type) {
    return renewed(type, digits(ID));
  }

  /// A key of an id that is in use, with another secret.
  static ApiKeyToken renewed(KeyType type, String id) {
    String body = prefix(type, id) + "_" + digits(SECRET);
    return new ApiKeyToken(body + checksum(body.getBytes(ISO_8859_1), body.length()), type);
  }

  /// Whether a text wants to be a key, well made or not.
  public static boolean isAttemptedBy(String text) {
    return text.startsWith(START);
  }

  /// The key that a text is, to the letter; empty for any other text.
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
    String right = checksum(text.getBytes(ISO_8859_1), end);
    return text.startsWith(right, end);
  }

  private static boolean isDigit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  }

  private static String digits(int count) {
    byte[] digits = new byte[count];
    byte[] random = new byte[count];
    for (int made = 0; made < count; ) {
      RANDOM.nextBytes(random);
      for (int i = 0; i < random.length && made < count; i++) {
        int value = Byte.toUnsignedInt(random[i]);
        if (value < FAIR) {
          digits[made++] = DIGITS[value % DIGITS.length];
        }
      }
    }
    return new String(digits, ISO_8859_1);
  }

  private static String checksum(byte[] text, int length) {
    CRC32 crc = new CRC32();
    crc.update(text, 0, length);
    long rest = crc.getValue();
    byte[] digits = new byte[CHECKSUM];
    for (int i = CHECKSUM - 1; i >= 0; i--, rest /= DIGITS.length) {
      digits[i] = DIGITS[(int) (rest % DIGITS.length)];
    }
    return new String(digits, ISO_8859_1);
  }

  public KeyType type() {
    return type;
  }

  /// The part that names the key.
  public String id() {
    int from = text.length() - REST;
    return text.substring(from, from + ID);
  }

  /// What may be shown of it: all before the secret.
  public String prefix() {
    return prefix(type, id());
  }

  /// What may be shown of a key.
  static String prefix(KeyType type, String id) {
    return START + type + "_" + id;
  }

  /// The key itself. Call it only to hand it to its owner.
  @JsonValue
  public String reveal() {
    return text;
  }

  /// What is hashed of it.
  byte[] bytes() {
    return text.getBytes(ISO_8859_1);
  }

  @Override
  public String toString() {
    return prefix() + "_***";
  }
}
