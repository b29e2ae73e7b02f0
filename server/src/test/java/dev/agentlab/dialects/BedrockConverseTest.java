package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.conversation.TokenClass;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.memory.MemoryBudget;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.eventstream.HeaderValue;
import software.amazon.eventstream.Message;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class BedrockConverseTest {
  private static final BedrockConverse DIALECT = new BedrockConverse();
  private static final Instant AT = Instant.ofEpochSecond(1_750_000_000);
  private static final ModelRequest REQUEST =
      ModelRequest.of(Operation.CHAT, ProviderJson.object().put("model", "m").put("stream", true));

  @Test
  void messageSentBackEqualsModelMessage() {
    String content =
        """
        [{"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "c2ln"}}},
         {"reasoningContent": {"redactedContent": "c2VjcmV0"}},
         {"toolUse": {"toolUseId": "s", "name": "search", "input": {}, "type": "server_tool_use"}},
         {"text": "I look."},
         {"toolUse": {"toolUseId": "a", "name": "weather", "input": {"n": 1.50}}}]\
        """;
    CompleteAnswer answer =
        DIALECT.translateResponse(
            REQUEST,
            "{\"output\": {\"message\": {\"content\": %s}}, \"stopReason\": \"tool_use\"}"
                .formatted(content)
                .getBytes(UTF_8),
            AT);

    ObjectNode body = ProviderJson.object().put("model", "m");
    body.putArray("messages")
        .add(ProviderJson.MAPPER.readTree(answer.json()).at("/choices/0/message"));
    ProviderRequest next = DIALECT.translateRequest(ModelRequest.of(Operation.CHAT, body));

    assertThat(ProviderJson.MAPPER.readTree(next.body()).at("/messages/0/content"))
        .isEqualTo(ProviderJson.MAPPER.readTree(content));
    assertThat(next.warnings())
        .containsExactly("tools has the function weather: Bedrock requires all that were called");
  }

  @Test
  void anyChangedByteIsDetectedAndNotPassedOn() {
    byte[] stream = stream();
    String whole =
        text(DIALECT.createStreamReader(REQUEST, AT, new MemoryBudget(64 << 20).open()), stream);
    for (int i = 0; i < stream.length; i++) {
      byte[] damaged = stream.clone();
      damaged[i] ^= 0x10;
      StreamReader reader =
          DIALECT.createStreamReader(REQUEST, AT, new MemoryBudget(64 << 20).open());

      String text = text(reader, damaged);

      assertThat(reader.error().isPresent() || !reader.isComplete()).as("byte %d", i).isTrue();
      assertThat(whole).as("byte %d", i).startsWith(text);
      assertThat(text).isNotEqualTo(whole);
    }
  }

  @Test
  void inputAfterErrorIsIgnored() {
    StreamReader reader =
        DIALECT.createStreamReader(REQUEST, AT, new MemoryBudget(64 << 20).open());
    byte[] damaged = stream();
    damaged[8] ^= 1;
    reader.read(damaged);

    assertThat(reader.read(stream())).isEmpty();
    assertThat(reader.finish()).isEmpty();
    assertThat(reader.isComplete()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "end_turn, stop",
    "stop_sequence, stop",
    "tool_use, tool_calls",
    "max_tokens, length",
    "model_context_window_exceeded, length",
    "content_filtered, content_filter",
    "guardrail_intervened, content_filter",
    "future_reason, stop",
  })
  void stopReasonIsTranslated(String stopReason, String finishReason) {
    String answer =
        "{\"output\": {\"message\": {\"content\": [{\"text\": \"a\"}]}}, \"stopReason\": \"%s\"}"
            .formatted(stopReason);
    JsonNode json =
        ProviderJson.MAPPER.readTree(
            DIALECT.translateResponse(REQUEST, answer.getBytes(UTF_8), AT).json());

    assertThat(json.at("/choices/0/finish_reason").stringValue()).isEqualTo(finishReason);
  }

  private static byte[] stream() {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    event("messageStart", "{\"role\": \"assistant\"}").encode(stream);
    event("contentBlockDelta", "{\"contentBlockIndex\": 0, \"delta\": {\"text\": \"Hello\"}}")
        .encode(stream);
    event("messageStop", "{\"stopReason\": \"end_turn\"}").encode(stream);
    return stream.toByteArray();
  }

  private static Message event(String type, String json) {
    return new Message(
        Map.of(
            ":message-type", HeaderValue.fromString("event"),
            ":event-type", HeaderValue.fromString(type)),
        json.getBytes(UTF_8));
  }

  /// The output without the end that the reader adds itself.
  private static String text(StreamReader reader, byte[] bytes) {
    return new String(reader.read(bytes), UTF_8).lines().collect(Collectors.joining("\n"));
  }

  @Test
  void tokensCachedForAnHourAreCountedApart() {
    TokenUsage usage =
        BedrockConverseResponseReader.usage(
            ProviderJson.MAPPER.readTree(
                """
                {"inputTokens": 5, "outputTokens": 1, "cacheWriteInputTokens": 100,
                 "cacheDetails": [{"inputTokens": 60, "ttl": "1h"}, {"inputTokens": 40, "ttl": "5m"}]}\
                """));

    assertThat(usage.count(TokenClass.CACHE_WRITE_1_HOUR)).isEqualTo(60);
    assertThat(usage.count(TokenClass.CACHE_WRITE_5_MINUTES)).isEqualTo(40);
    assertThat(usage.totalInput()).isEqualTo(105);
  }
}
