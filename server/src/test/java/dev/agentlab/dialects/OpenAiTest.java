package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "{}",
        "{\"choices\":5}",
        "<html>",
        "{\"choices\":[]} trailing",
        "{\"error\":\"model not found\"}",
      })
  void responseWithoutChoicesIsAnError(String answer) {
    assertThatExceptionOfType(ProviderErrorException.class)
        .isThrownBy(() ->
            OpenAi.withRules()
                .translateResponse(chat("{}"), answer.getBytes(UTF_8), Instant.EPOCH));
  }

  private static ModelRequest chat(String body) {
    return ModelRequest.parse(Operation.CHAT, body.getBytes(UTF_8));
  }
}
