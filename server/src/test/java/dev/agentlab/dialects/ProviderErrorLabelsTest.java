package dev.agentlab.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProviderErrorLabelsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"error": {"message": "m", "type": "t", "code": "c", "param": "p"}} | t | c | p
          {"error": {"message": "m", "type": "t", "code": null, "param": null}} | t | - | -
          {"error": {"code": 400, "message": "m", "status": "INVALID_ARGUMENT"}} | INVALID_ARGUMENT | 400 | -
          [{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}] | RESOURCE_EXHAUSTED | 429 | -
          {"type": "error", "error": {"type": "overloaded_error"}} | overloaded_error | - | -
          {"object": "error", "message": "m", "type": "t", "param": "p", "code": 40} | t | 40 | p
          {"error": "m"} | - | - | -
          {"detail": [{"type": "missing"}]} | - | - | -
          {"error": {"type": {"a": 1}, "code": ["c"]}} | - | - | -
          [] | - | - | -
          1 | - | - | -
          """)
  void labelsAreReadFromEveryKnownFormat(String json, String type, String code, String param) {
    ProviderErrorLabels labels = ProviderErrorLabels.of(ProviderJson.MAPPER.readTree(json));

    assertThat(labels.type().orElse("-")).isEqualTo(type);
    assertThat(labels.code().orElse("-")).isEqualTo(code);
    assertThat(labels.param().orElse("-")).isEqualTo(param);
  }
}
