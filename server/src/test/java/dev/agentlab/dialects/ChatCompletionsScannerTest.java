package dev.agentlab.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenClass;
import dev.agentlab.conversation.TokenUsage;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChatCompletionsScannerTest {

  private static Optional<CompleteAnswer> scan(String json) {
    return ChatCompletionsScanner.scan(json.getBytes(StandardCharsets.UTF_8), "choices");
  }

  @Test
  void usageAndReasonAreReadAndTheBytesAreKept() {
    String json =
        """
        {"id": "c", "error": null, "usage": {"prompt_tokens": 9, "completion_tokens": 4,
         "prompt_tokens_details": {"cached_tokens": 2}},
         "choices": [{"message": {"finish_reason": "length", "content": "a [ \\" } b"},
          "finish_reason": "stop", "odd": 1.50}, {"finish_reason": "length"}], "x": [[{}]]}
        """;

    CompleteAnswer answer = scan(json).orElseThrow();

    assertThat(new String(answer.json(), StandardCharsets.UTF_8)).isEqualTo(json);
    assertThat(answer.finishReason()).contains(FinishReason.STOP);
    assertThat(answer.usage().count(TokenClass.INPUT)).isEqualTo(7);
    assertThat(answer.usage().count(TokenClass.CACHED_INPUT)).isEqualTo(2);
    assertThat(answer.usage().output()).isEqualTo(4);
  }

  @Test
  void responseWithoutUsageAndReasonIsScanned() {
    CompleteAnswer answer = scan("{\"choices\": [], \"usage\": null}").orElseThrow();

    assertThat(answer.usage()).isEqualTo(TokenUsage.NONE);
    assertThat(answer.finishReason()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"choices\": {}}",
        "{\"choices\": [",
        "{\"choices\": [{]}",
        "{\"choices\": []} x",
        "{\"choices\": [], \"error\": {\"message\": \"no\"}}",
        "{\"choices\": [], \"error\": \"no\"}",
        "{\"object\": \"error\", \"choices\": []}",
        "{\"choices\": [01]}",
      })
  void responseThatMayBeWrongIsNotScanned(String json) {
    assertThat(scan(json)).isEmpty();
  }

  @Test
  void invalidUtf8IsNotScanned() {
    byte[] json = "{\"choices\": [], \"x\": \"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);

    assertThat(ChatCompletionsScanner.scan(json, "choices")).isEmpty();
  }
}
