package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class AnthropicCarrierTest {
  private static final ObjectNode BY_VENDOR =
      (ObjectNode)
          ProviderJson.MAPPER.readTree(
              "{\"google\":{\"thought_signature\":\"ä+/\",\"parts\":[1.50]},\"openai\":{}}");

  @Test
  void dataOfAMessageIsDecoded() {
    assertThat(AnthropicCarrier.decode(AnthropicCarrier.encode(BY_VENDOR, Optional.empty())))
        .contains(new AnthropicCarrier.Carried(BY_VENDOR, Optional.empty()));
  }

  @Test
  void dataOfACallIsDecoded() {
    assertThat(AnthropicCarrier.decode(AnthropicCarrier.encode(BY_VENDOR, Optional.of("call_1"))))
        .contains(new AnthropicCarrier.Carried(BY_VENDOR, Optional.of("call_1")));
  }

  @Test
  void formIsStable() {
    assertThat(
            AnthropicCarrier.encode(
                (ObjectNode) ProviderJson.MAPPER.readTree("{\"v\":{\"a\":1}}"), Optional.of("c")))
        .isEqualTo("agl1.eyJjYWxsIjoiYyIsImRhdGEiOnsidiI6eyJhIjoxfX19");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{",
        "{\"v\":1}",
        "{\"call\":\"c\"}",
        "{\"call\":\"c\",\"data\":[]}",
        "{\"call\":\"c\",\"data\":{\"v\":\"\"}}",
      })
  void invalidJsonIsNotDecoded(String json) {
    assertThat(
            AnthropicCarrier.decode(
                "agl1." + Base64.getUrlEncoder().encodeToString(json.getBytes(UTF_8))))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "agl1", "agl1.", "agl1.*", "agl1.e30=.", "EmwKAhgBEgy3va3pzix"})
  void dataOfAnotherFormIsNotDecoded(String data) {
    assertThat(AnthropicCarrier.decode(data)).isEmpty();
  }
}
