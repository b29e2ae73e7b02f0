package dev.agentlab.audit;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.json.SchemaName;
import java.util.HexFormat;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.util.StdConverter;

/// A hash in the audit trail.
///
/// @param hex lower-case hexadecimal digits
@SchemaName("AuditHash")
@JsonDeserialize(converter = AuditHash.TextConverter.class)
public record AuditHash(@JsonValue String hex) {
  static final String PATTERN = "[0-9a-f]{64}";

  /// The previous hash of the first row.
  static final AuditHash NONE = new AuditHash("00".repeat(32));

  static AuditHash of(byte[] bytes) {
    return new AuditHash(HexFormat.of().formatHex(bytes));
  }

  byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }

  /// Accepts any text: the reader of the input validates it.
  static final class TextConverter extends StdConverter<String, AuditHash> {
    @Override
    public AuditHash convert(String text) {
      return new AuditHash(text);
    }
  }
}
