package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;

class ProviderJsonTest {
  @ParameterizedTest
  @ValueSource(strings = {"1e99999999999", "[-1e-99999999999]", "{\"a\": 1.5e99999999999}"})
  void numberWithExcessiveExponentIsRejected(String json) {
    assertThatThrownBy(() -> ProviderJson.MAPPER.readTree(json))
        .isInstanceOf(JacksonException.class)
        .hasMessageNotContaining("99999");
    assertThatThrownBy(() -> ProviderJson.MAPPER.readTree(json.getBytes(UTF_8)))
        .isInstanceOf(JacksonException.class);
  }
}
