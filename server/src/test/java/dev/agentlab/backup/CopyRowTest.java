package dev.agentlab.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CopyRowTest {
  private static CopyRow parse(String line) {
    return CopyRow.parse(line.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void valuesAreUnescaped() {
    CopyRow row = parse("ä\\\\\\n\\t\\r\\b\\f\\v\t\t\\N\t\\\\N");
    assertThat(row.values())
        .containsExactly(
            Optional.of("ä\\\n\t\r\b\f\u000b"),
            Optional.of(""),
            Optional.empty(),
            Optional.of("\\N"));
  }

  @Test
  void byteaIsParsed() {
    assertThat(parse("\\\\x00ff").bytes(0)).containsExactly(0, 0xff);
    assertThatIllegalArgumentException().isThrownBy(() -> parse("00ff").bytes(0));
    assertThatIllegalArgumentException().isThrownBy(() -> parse("\\\\x0g").bytes(0));
  }

  @Test
  void missingValueIsRejected() {
    for (int column : new int[] {-1, 1, 2}) {
      assertThatIllegalArgumentException().isThrownBy(() -> parse("a\t\\N").text(column));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> parse("a\\"));
  }
}
