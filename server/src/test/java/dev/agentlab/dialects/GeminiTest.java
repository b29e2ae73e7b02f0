package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class GeminiTest {
  private static final Gemini GEMINI = new Gemini();
  private static final Instant AT = Instant.ofEpochSecond(1_750_000_000);

  @Test
  void messageSentBackEqualsModelMessage() {
    String parts =
        """
        [{"text": "Two cities.", "thought": true},
         {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}, "thoughtSignature": "aQ=="},
         {"text": "I look.", "thoughtSignature": "dA=="},
         {"functionCall": {"id": "a", "name": "weather", "args": {"n": 1.50}}, "thoughtSignature": "Yw=="},
         {"functionCall": {"id": "b", "name": "weather", "args": {}}}]\
        """;
    JsonNode answer =
        response(
            "{\"candidates\": [{\"content\": {\"parts\": %s}, \"finishReason\": \"STOP\"}]}"
                .formatted(parts));

    ObjectNode body = ProviderJson.object().put("model", "gemini-3-flash");
    body.putArray("messages").add(answer.at("/choices/0/message"));
    ProviderRequest next = GEMINI.translateRequest(ModelRequest.of(Operation.CHAT, body));

    assertThat(ProviderJson.MAPPER.readTree(next.body()).at("/contents/0/parts"))
        .isEqualTo(ProviderJson.MAPPER.readTree(parts));
    assertThat(next.warnings()).isEmpty();
  }

  @Test
  void toolCallIdsDifferBetweenResponses() {
    String calling =
        """
        {"responseId": "%s", "candidates": [{"finishReason": "STOP", "content":
         {"parts": [{"functionCall": {"name": "f"}}, {"functionCall": {"name": "f"}}]}}]}\
        """;

    assertThat(response(calling.formatted("r1")).at("/choices/0/message/tool_calls").valueStream())
        .extracting(it -> it.path("id").stringValue())
        .containsExactly("call_r1_0_0", "call_r1_0_1");
    assertThat(
            response(calling.formatted("r2"))
                .at("/choices/0/message/tool_calls/0/id")
                .stringValue())
        .isEqualTo("call_r2_0_0");
  }

  @ParameterizedTest
  @CsvSource({
    "STOP, stop",
    "MAX_TOKENS, length",
    "SAFETY, content_filter",
    "RECITATION, content_filter",
    "BLOCKLIST, content_filter",
    "PROHIBITED_CONTENT, content_filter",
    "SPII, content_filter",
    "LANGUAGE, content_filter",
    "OTHER, content_filter",
    "FUTURE_REASON, content_filter",
  })
  void finishReasonIsTranslated(String reason, String finishReason) {
    JsonNode answer =
        response(
            "{\"candidates\": [{\"finishReason\": \"%s\", \"content\": {\"parts\": [{\"text\": \"a\"}]}}]}"
                .formatted(reason));

    assertThat(answer.at("/choices/0/finish_reason").stringValue()).isEqualTo(finishReason);
    assertThat(answer.at("/choices/0/message/content").stringValue()).isEqualTo("a");
  }

  private static JsonNode response(String json) {
    ObjectNode body = ProviderJson.object().put("model", "gemini-3-flash");
    ModelRequest request = ModelRequest.of(Operation.CHAT, body);
    return ProviderJson.MAPPER.readTree(
        GEMINI.translateResponse(request, json.getBytes(UTF_8), AT).json());
  }
}
