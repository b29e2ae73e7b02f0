package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class AnthropicPassThroughTest {
  private static String sent(ModelRequest request) {
    return new String(new AnthropicPassThrough().request(request).body(), UTF_8);
  }

  private static String sent(String body) {
    return sent(ModelRequest.parse(Operation.MESSAGES, body.getBytes(UTF_8)));
  }

  private static String body(String messages) {
    return "{ \"model\":\"m\", \"thinking\" : {\"type\":\"enabled\"}, \"messages\":"
        + messages
        + "}";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[ {\"role\":\"user\",\"content\":\"Hi\"} ]",
        "[{\"content\":[ {\"type\":\"thinking\",\"thinking\":\"a\",\"signature\":\"s\"} ]}]",
        // Texts about signatures, and the input of a tool that has one.
        "[{\"content\":\"{\\\"type\\\": \\\"thinking\\\", \\\"signature\\\": \\\"\\\"}\"}]",
        "[{\"content\":[ {\"type\":\"tool_use\",\"input\":{\"signature\" : \"\", \"n\":1.50}} ]}]",
        "[{\"content\":[ {\"type\":\"tool_use\",\"input\":{\"kind\" : \"thinking\", \"n\":1.50}} ]}]",
        "[ {\"content\":\"\"}, {\"content\":[ ]}, \"signature\", {\"signature\":\"\"} ]"
      })
  void bytesWithoutUnsignedThinkingAreUnchanged(String messages) {
    assertThat(sent(body(messages))).isEqualTo(body(messages));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"thinking\",\"thinking\":\"c\",\"signature\":\"\"}",
        "{\"signature\" :\n\"\", \"type\": \"thinking\",\"thinking\":\"c\"}",
        "{\"type\" : \"thinking\",\"thinking\":\"c\"}",
        "{\"type\":\"thinking\",\"thinking\":\"c\",\"signature\":null}",
        "{\"type\":\"redacted_thinking\",\"data\":\"YWdsMS57fQ==\"}"
      })
  void thinkingThatAnthropicHasNotSignedIsRemoved(String block) {
    String signed = "{\"type\":\"thinking\",\"thinking\":\"a\",\"signature\":\"s\"}";
    String text = "{\"type\":\"text\",\"text\":\"b\",\"n\":9007199254740993}";
    String question = "{\"role\":\"user\",\"content\":\"Hi\"}";

    assertThat(
            sent(
                body(
                    """
                    [%s,{"role":"assistant","content":[%s,%s,%s]},%s,{"role":"assistant","content":[%s]}]\
                    """
                        .formatted(question, signed, block, text, question, block))))
        .isEqualTo(
            "{\"model\":\"m\",\"thinking\" : {\"type\":\"enabled\"},\"messages\":"
                + "[%s,{\"role\":\"assistant\",\"content\":[%s,%s]},%s]}"
                    .formatted(question, signed, text, question));
  }

  @Test
  void treeOfARequestIsNotChanged() {
    ObjectNode tree =
        ProviderJson.MAPPER
            .readTree(
                """
                {"model": "m", "messages": [{"role": "assistant", "content": [
                  {"type": "thinking", "thinking": "c", "signature": ""}, {"type": "text", "text": "b"}]}]}
                """)
            .asObject();
    ObjectNode copy = tree.deepCopy();

    assertThat(sent(ModelRequest.of(Operation.MESSAGES, tree))).doesNotContain("thinking");
    assertThat(tree).isEqualTo(copy);
  }
}
