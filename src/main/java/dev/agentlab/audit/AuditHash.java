package dev.agentlab.audit;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.json.SchemaName;
import java.util.HexFormat;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.util.StdConverter;

/// A hash of the trail.
///
/// @param hex as it is printed: lower-case hexadecimal digits
@SchemaName("AuditHash")
@JsonDeserialize(converter = AuditHash.FromText.class)
public record AuditHash(@JsonValue String hex) {
  static final String PATTERN = "[0-9a-f]{64}";

  /// Before the first row there is none.
  static final AuditHash NONE = new AuditHash("00".repeat(32));

  static AuditHash of(byte[] bytes) {
    return new AuditHash(HexFormat.of().formatHex(bytes));
  }

  byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }

  /// Takes any text, of which whoever asked for it says what is wrong.
  static final class FromText extends StdConverter<String, AuditHash> {
    @Override
    public AuditHash convert(String text) {
      return new AuditHash(text);
    }
  }
}
