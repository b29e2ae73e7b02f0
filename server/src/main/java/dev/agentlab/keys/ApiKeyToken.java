package dev.agentlab.keys;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.json.SchemaName;
import dev.agentlab.secrets.Base62;
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
  private static final String PREFIX = "agl_";
  private static final int ID_LENGTH = 12;

  private static final int SECRET_LENGTH = Base62.DIGITS_OF_256_BITS;

  private static final int CHECKSUM_LENGTH = 6;

  /// The length of the part after the type and its underscore.
  private static final int SUFFIX_LENGTH = ID_LENGTH + 1 + SECRET_LENGTH + CHECKSUM_LENGTH;

  private final String text;
  private final KeyType type;

  private ApiKeyToken(String text, KeyType type) {
    this.text = text;
    this.type = type;
  }

  /// Generates a key with a random id and secret.
  static ApiKeyToken random(KeyType type) {
    return withNewSecret(type, Base62.random(ID_LENGTH));
  }

  /// Generates a key with a new secret for an existing id.
  static ApiKeyToken withNewSecret(KeyType type, String id) {
    String body = prefix(type, id) + "_" + Base62.random(SECRET_LENGTH);
    return new ApiKeyToken(body + checksum(body.getBytes(ISO_8859_1), body.length()), type);
  }

  /// Whether a text has the prefix of API keys, well-formed or not.
  public static boolean hasPrefix(String text) {
    return text.startsWith(PREFIX);
  }

  /// Parses an API key. Empty if the text is not exactly a well-formed key.
  public static Optional<ApiKeyToken> parse(String text) {
    for (KeyType type : KeyType.values()) {
      int from = PREFIX.length() + type.toString().length() + 1;
      if (text.length() == from + SUFFIX_LENGTH
          && text.startsWith(PREFIX)
          && text.startsWith(type.toString(), PREFIX.length())
          && text.charAt(from - 1) == '_'
          && hasValidSuffix(text, from)) {
        return Optional.of(new ApiKeyToken(text, type));
      }
    }
    return Optional.empty();
  }

  private static boolean hasValidSuffix(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      if (i == from + ID_LENGTH ? text.charAt(i) != '_' : !Base62.isDigit(text.charAt(i))) {
        return false;
      }
    }
    int end = text.length() - CHECKSUM_LENGTH;
    String expected = checksum(text.getBytes(ISO_8859_1), end);
    return text.startsWith(expected, end);
  }

  private static String checksum(byte[] text, int length) {
    CRC32 crc = new CRC32();
    crc.update(text, 0, length);
    return Base62.format(crc.getValue(), CHECKSUM_LENGTH);
  }

  public KeyType type() {
    return type;
  }

  /// The part that identifies the key.
  public String id() {
    int from = text.length() - SUFFIX_LENGTH;
    return text.substring(from, from + ID_LENGTH);
  }

  /// The public part: all characters before the secret.
  public String prefix() {
    return prefix(type, id());
  }

  /// The public part of a key.
  static String prefix(KeyType type, String id) {
    return PREFIX + type + "_" + id;
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
