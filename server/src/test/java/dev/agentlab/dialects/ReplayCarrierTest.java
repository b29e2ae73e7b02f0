package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class ReplayCarrierTest {
  private static final ObjectNode BY_VENDOR =
      (ObjectNode)
          ProviderJson.MAPPER.readTree(
              "{\"google\":{\"thought_signature\":\"ä+/\",\"parts\":[1.50]},\"openai\":{}}");

  @Test
  void dataOfAMessageIsDecoded() {
    assertThat(ReplayCarrier.decode(ReplayCarrier.encode(BY_VENDOR, Optional.empty())))
        .contains(new ReplayCarrier.Carried(BY_VENDOR, Optional.empty()));
  }

  @Test
  void dataOfACallIsDecoded() {
    assertThat(ReplayCarrier.decode(ReplayCarrier.encode(BY_VENDOR, Optional.of("call_1"))))
        .contains(new ReplayCarrier.Carried(BY_VENDOR, Optional.of("call_1")));
  }

  @Test
  void otherAlphabetIsDecoded() {
    String standard = ReplayCarrier.encode(BY_VENDOR, Optional.empty());

    assertThat(ReplayCarrier.decode(standard.replace('+', '-').replace('/', '_')))
        .isEqualTo(ReplayCarrier.decode(standard));
  }

  @Test
  void formIsStable() {
    assertThat(
            ReplayCarrier.encode(
                (ObjectNode) ProviderJson.MAPPER.readTree("{\"v\":{\"a\":1}}"), Optional.of("c")))
        .isEqualTo("YWdsMS57ImNhbGwiOiJjIiwiZGF0YSI6eyJ2Ijp7ImEiOjF9fX0=");
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
            ReplayCarrier.decode(
                Base64.getEncoder().encodeToString(("agl1." + json).getBytes(UTF_8))))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "YWdsMS4=", "YWdsMS57", "YWdsMS57*", "YWdsMS57fQ==.", "EmwKAhgBEgy3va3pzix"})
  void dataOfAnotherFormIsNotDecoded(String data) {
    assertThat(ReplayCarrier.decode(data)).isEmpty();
  }
}
