package dev.agentlab.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.agentlab.json.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.exc.MismatchedInputException;

class AuditHeadTest {
  @Test
  void hashIsSerializedAsString() {
    AuditHead head = new AuditHead(7, new AuditHash("ab".repeat(32)));
    String json = Json.MAPPER.writeValueAsString(head);

    assertThat(json).contains("\"seq\":7", "\"hash\":\"%s\"".formatted("ab".repeat(32)));
    assertThat(Json.MAPPER.readValue(json, AuditHead.class)).isEqualTo(head);
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "{\"hex\": \"ab\"}"})
  void nonStringHashIsRejected(String hash) {
    String json = "{\"seq\": 7, \"hash\": %s}".formatted(hash);
    assertThatExceptionOfType(MismatchedInputException.class)
        .isThrownBy(() -> Json.MAPPER.readValue(json, AuditHead.class))
        .satisfies(e -> assertThat(e.getTargetType()).isEqualTo(String.class));
  }
}
