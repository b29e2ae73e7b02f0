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
      })
  void nonObjectOrDuplicateMemberIsRejected(String body) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> parse(body))
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
  void streamUsageIsRequested(String body) {
    ModelRequest request = parse(body);

    ModelRequest counting = request.withStreamUsage();

    assertThat(counting.body())
        .isEqualTo(
            ProviderJson.MAPPER.readTree(
                "{\"stream\":true,\"stream_options\":{\"include_usage\":true}}"));
    assertThat(counting.expectedStream().hidesUsage()).isTrue();
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
  void otherRequestIsNotChangedToRequestUsage(String body) {
    ModelRequest counting = parse(body).withStreamUsage();

    assertThat(new String(counting.bytes(), UTF_8)).isEqualTo(body);
    assertThat(counting.expectedStream().hidesUsage()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"stream\":true,\"stream_options\":{\"include_usage\":false,\"include_usage\":true}}",
        "{\"stream\":true,\"stream_options\":\"LONG\"}",
        "{\"model\":\"LONG\"}",
        "{\"stream\":true,\"n\":[\"LONG\"]}",
      })
  void decisiveMemberIsSmallAndUnambiguous(String body) {
    ModelRequest request = parse(body.replace("LONG", "x".repeat(5_000)));

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> {
          var _ = request.model();
          var _ = request.withStreamUsage().expectedStream();
        });
  }

  @Test
  void onlyAChatIsStreamed() {
    byte[] body = "{\"stream\":true}".getBytes(UTF_8);

    assertThat(ModelRequest.parse(Operation.EMBEDDINGS, body).isStreaming()).isFalse();
  }

  @Test
  void membersOfWrongTypeAreTreatedAsAbsent() {
    ModelRequest request = parse("{\"model\":5,\"stream\":\"yes\"}");

    assertThat(request.model()).isEmpty();
    assertThat(request.isStreaming()).isFalse();
  }

  private static ModelRequest parse(String body) {
    return ModelRequest.parse(Operation.CHAT, body.getBytes(UTF_8));
  }
}
