package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.agentlab.errors.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelRequestTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "null",
        "{",
        "{} {}",
        "{\"model\":\"cheap\",\"model\":\"dear\"}",
        "{\"stream_options\":{\"a\":1,\"a\":2}}",
      })
  void whatIsNoObjectOrSaysAThingTwiceIsRefused(String body) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> sent(body))
        .satisfies(
            e -> assertThat(e.errors()).allSatisfy(it -> assertThat(it.field()).isEqualTo("body")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"stream\":true}",
        "{\"stream\":true,\"stream_options\":null}",
        "{\"stream\":true,\"stream_options\":{}}",
        "{\"stream\":true,\"stream_options\":{\"include_usage\":false}}",
      })
  void streamIsAskedForItsUsage(String body) {
    ModelRequest request = sent(body);

    ModelRequest counting = request.countingUsage();

    assertThat(counting.body())
        .isEqualTo(
            ProviderJson.MAPPER.readTree(
                "{\"stream\":true,\"stream_options\":{\"include_usage\":true}}"));
    assertThat(counting.expectedStream().usageIsOurs()).isTrue();
    assertThat(new String(request.bytes(), UTF_8)).isEqualTo(body);
    assertThat(request.body()).isEqualTo(ProviderJson.MAPPER.readTree(body));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
        "{\"stream\":false}",
        "{\"model\":\"m\"}",
        "{\"stream\":true,\"stream_options\":\"wrong\"}",
      })
  void requestThatNeedsNoAskingIsLeftAlone(String body) {
    ModelRequest counting = sent(body).countingUsage();

    assertThat(new String(counting.bytes(), UTF_8)).isEqualTo(body);
    assertThat(counting.expectedStream().usageIsOurs()).isFalse();
  }

  @Test
  void requestOfAnotherShapeIsReadAsFarAsItGoes() {
    ModelRequest request = sent("{\"model\":5,\"stream\":\"yes\"}");

    assertThat(request.model()).isEmpty();
    assertThat(request.streams()).isFalse();
  }

  private static ModelRequest sent(String body) {
    return ModelRequest.sent(Operation.CHAT, body.getBytes(UTF_8));
  }
}
