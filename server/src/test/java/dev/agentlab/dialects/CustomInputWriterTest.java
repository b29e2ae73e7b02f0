package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.memory.MemoryBudget;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class CustomInputWriterTest {
  private static final Instant AT = Instant.ofEpochSecond(1_750_000_000);
  private static final ModelRequest REQUEST =
      ModelRequest.parse(
          Operation.CHAT_WITH_INPUT,
          """
          {"model": "m", "stream": true, "input": "Hi", "tools": [
            {"type": "function", "function": {"name": "read_file"}},
            {"type": "custom", "name": "ApplyPatch"}]}\
          """
              .getBytes(UTF_8));
  private static final String CHOICE =
      """
      {"index": 0, "message": {"role": "assistant", "content": null, "tool_calls": [
        {"id": "a", "type": "function", "function":
          {"name": "ApplyPatch", "arguments": "{\\"input\\": \\"*** Begin\\"}"}},
        {"id": "b", "type": "function", "function":
          {"name": "read_file", "arguments": "{\\"input\\": \\"x\\"}"}}]},
       "finish_reason": "tool_calls"}\
      """;

  @Test
  void inputIsTheArgumentsOfACompleteCall() {
    CompleteAnswer answer =
        OpenAi.withRules()
            .translateResponse(
                REQUEST, "{\"choices\": [%s]}".formatted(CHOICE).getBytes(UTF_8), AT);

    JsonNode calls =
        ProviderJson.MAPPER.readTree(answer.json()).at("/choices/0/message/tool_calls");
    assertThat(calls.findValuesAsString("arguments"))
        .containsExactly("*** Begin", "{\"input\": \"x\"}");
    assertThat(calls.findValuesAsString("name")).containsExactly("ApplyPatch", "read_file");
  }

  @Test
  void inputIsOnePartOfAStream() {
    StreamReader reader =
        new Anthropic().createStreamReader(REQUEST, AT, new MemoryBudget(1 << 20).open());
    reader.read(
        event(
            "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":"
                + "{\"type\":\"tool_use\",\"id\":\"a\",\"name\":\"ApplyPatch\",\"input\":{}}}"));
    byte[] first = reader.read(event(delta("{\\\"input\\\": \\\"*** ")));
    reader.read(event(delta("Begin\\\"}")));
    byte[] end = reader.read(event("{\"type\":\"content_block_stop\",\"index\":0}"));

    assertThat(first).isEmpty();
    assertThat(new String(end, UTF_8))
        .contains(
            "{\"index\":0,\"id\":\"a\",\"type\":\"function\",\"function\":"
                + "{\"name\":\"ApplyPatch\",\"arguments\":\"*** Begin\"}}");
  }

  private static String delta(String json) {
    return "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
        + "{\"type\":\"input_json_delta\",\"partial_json\":\""
        + json
        + "\"}}";
  }

  private static byte[] event(String json) {
    return "data: %s\n\n".formatted(json).getBytes(UTF_8);
  }
}
