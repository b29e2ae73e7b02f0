package dev.agentlab.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenClass;
import dev.agentlab.conversation.TokenUsage;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResponsesScannerTest {

  private static Optional<CompleteAnswer> scan(String json) {
    return ResponsesScanner.scan(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void usageAndReasonAreReadAndTheBytesAreKept() {
    String json =
        """
        {"id": "resp_1", "error": null, "usage": {"input_tokens": 9, "output_tokens": 4, "total_tokens": 13,
         "input_tokens_details": {"cached_tokens": 2}, "output_tokens_details": {"reasoning_tokens": 3}},
         "status": "completed", "output": [{"content": [{"type": "function_call"}], "type": "message"}, 1, null],
         "x": [[{}]], "odd": 1.50}
        """;

    CompleteAnswer answer = scan(json).orElseThrow();

    assertThat(new String(answer.json(), StandardCharsets.UTF_8)).isEqualTo(json);
    assertThat(answer.finishReason()).contains(FinishReason.STOP);
    assertThat(answer.usage().count(TokenClass.INPUT)).isEqualTo(7);
    assertThat(answer.usage().count(TokenClass.CACHED_INPUT)).isEqualTo(2);
    assertThat(answer.usage().count(TokenClass.REASONING)).isEqualTo(3);
    assertThat(answer.usage().output()).isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "status": "completed", "output": []                                            | STOP
          "output": [{"type": "reasoning"}, {"type": "function_call"}], "status": "completed" | TOOL_CALLS
          "status": "completed", "output": [{"name": "x", "type": "custom_tool_call"}]   | TOOL_CALLS
          "status": "completed", "output": [{"type": "web_search_call"}]                 | STOP
          "incomplete_details": {"reason": "max_output_tokens"}, "status": "incomplete", "output": [] | LENGTH
          "status": "incomplete", "incomplete_details": {"reason": "content_filter"}, "output": [] | CONTENT_FILTER
          "status": "incomplete", "incomplete_details": null, "output": []               | OTHER
          "status": "queued", "output": []                                               |
          "status": "in_progress", "output": [], "background": true                      |
          "status": "cancelled", "output": []                                            |
          "object": "response.compaction", "output": [{"type": "compaction"}]            |
          """)
  void statusDecidesAboutTheReason(String members, @Nullable FinishReason reason) {
    String json = "{%s, \"error\": null, \"usage\": null}".formatted(members);

    CompleteAnswer answer = scan(json).orElseThrow();

    assertThat(answer.finishReason()).isEqualTo(Optional.ofNullable(reason));
    assertThat(answer.usage()).isEqualTo(TokenUsage.NONE);
    assertThat(ResponsesScanner.finishReason(ProviderJson.MAPPER.readTree(json)))
        .isEqualTo(answer.finishReason());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"output\": {}}",
        "{\"output\": [",
        "{\"output\": [{]}",
        "{\"output\": []} x",
        "{\"output\": [], \"error\": {\"message\": \"no\"}}",
        "{\"output\": [], \"error\": \"no\"}",
        "{\"output\": [], \"status\": \"failed\"}",
        "{\"object\": \"error\", \"output\": []}",
        "{\"output\": [01]}",
      })
  void responseThatMayBeWrongIsNotScanned(String json) {
    assertThat(scan(json)).isEmpty();
  }
}
