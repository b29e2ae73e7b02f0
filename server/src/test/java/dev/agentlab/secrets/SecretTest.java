package dev.agentlab.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SecretTest {
  private static final Secret LONG = Secret.of("sk-proj-abcdefgh-1234");

  @Test
  void stringFormRevealsNothing() {
    assertThat("%s %s".formatted(LONG, Map.of("token", LONG))).isEqualTo("*** {token=***}");
  }

  @Test
  void jsonFormHasFlagAndLastFourCharacters() {
    assertThat(Json.MAPPER.writeValueAsString(Map.of("token", LONG)))
        .isEqualTo("{\"token\":{\"set\":true,\"hint\":\"…1234\"}}");
  }

  @Test
  void shortSecretHasNoHint() {
    assertThat(Secret.of("elevenchars").hint()).isEqualTo("…");
  }

  @Test
  void equalityIsByValue() {
    assertThat(Secret.of("a")).isEqualTo(Secret.of("a")).isNotEqualTo(Secret.of("b"));
  }
}
