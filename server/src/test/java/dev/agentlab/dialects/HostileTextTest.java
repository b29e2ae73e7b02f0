package dev.agentlab.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/// Input of callers on which a backtracking regular expression takes minutes or overflows the
/// stack.
class HostileTextTest {
  private static final int LENGTH = 256 << 10;

  @ParameterizedTest
  @CsvSource({"/claude-3-5-, 32000", "/claude-2, 32000", "/claude-opus-4-0, 32000"})
  @Timeout(60)
  void anthropicModelNameIsMatchedInLinearTime(String part, int maxTokens) {
    ObjectNode written = translate(new Anthropic(), modelName(part));

    assertThat(written.path("max_tokens").intValue()).isEqualTo(maxTokens);
  }

  @ParameterizedTest
  @CsvSource({"/gemini-2.", "/gemini-3"})
  @Timeout(60)
  void geminiModelNameIsMatchedInLinearTime(String part) {
    ObjectNode written = translate(new Gemini(), modelName(part));

    assertThat(written.at("/generationConfig/thinkingConfig/thinkingLevel").stringValue())
        .isEqualTo("low");
  }

  @Test
  void dataUrlWithManyParametersIsParsed() {
    String parameters = ";a=b".repeat(LENGTH);

    assertThat(DataUrl.parse("data:image/png" + parameters + ";base64,AAAA"))
        .contains(new DataUrl("image/png", "AAAA"));
    assertThat(DataUrl.parse("data:image/png" + parameters)).isEmpty();
  }

  /// A name on which an unanchored pattern is retried from every position.
  private static String modelName(String part) {
    return part.repeat(LENGTH / part.length()) + "\n";
  }

  private static ObjectNode translate(Dialect dialect, String model) {
    ObjectNode body = ProviderJson.MAPPER.createObjectNode().put("model", model);
    body.putArray("messages").addObject().put("role", "user").put("content", "Hello");
    body.put("reasoning_effort", "low");
    ProviderRequest request = dialect.translateRequest(ModelRequest.of(Operation.CHAT, body));
    return (ObjectNode) ProviderJson.MAPPER.readTree(request.body());
  }
}
