package dev.agentlab.vault;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.SecretKey;

/// The data key of one row: seals the texts in its fields, each bound to the row and the field.
/// Immutable; hold it no longer than the row's secrets.
public final class RowCipher {
  private static final String VERSION = "v1.";
  private static final String PURPOSE = "secret";

  private final DataKeyOwner owner;
  private final SecretKey key;

  RowCipher(DataKeyOwner owner, byte[] dataKey) {
    this.owner = owner;
    this.key = AesGcm.key(dataKey);
  }

  /// Whether a text has the form of what [#seal] makes.
  public static boolean isSealed(String text) {
    return text.startsWith(VERSION);
  }

  /// The text, readable only to this key for the same field: `v1.` and base64 (RFC 4648, section
  /// 5). Never the same twice.
  ///
  /// @param field where it stands in the row
  public String seal(String field, String plain) {
    byte[] bytes = plain.getBytes(StandardCharsets.UTF_8);
    byte[] sealed = AesGcm.seal(key, bytes, owner.context(field, PURPOSE));
    return VERSION + Base64.getUrlEncoder().withoutPadding().encodeToString(sealed);
  }

  /// What was sealed; empty if it was changed since, or belongs to another row or field.
  public Optional<String> open(String field, String sealed) {
    if (!isSealed(sealed)) {
      return Optional.empty();
    }
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(sealed.substring(VERSION.length()));
      return AesGcm.open(key, bytes, owner.context(field, PURPOSE))
          .map(plain -> new String(plain, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return "the key of %s %s".formatted(owner.table(), owner.id());
  }
}
