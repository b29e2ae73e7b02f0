package dev.agentlab.dialects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.errors.InvalidInputException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/// Invalid or unsupported members that a translating dialect must reject, not guess or drop.
class TranslatedRequestTest {
  private static final List<Dialect> DIALECTS = List.of(new Gemini(), new BedrockConverse());

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          "max_tokens": "100"                                   | max_tokens
          "max_completion_tokens": true                         | max_completion_tokens
          "stop": 5                                             | stop
          "stop": [5]                                           | stop
          "response_format": "json"                             | response_format
          "response_format": {"type": "xml"}                    | response_format.type
          "response_format": {"type": "json_schema"}            | response_format.json_schema.schema
          "reasoning_effort": 5                                 | reasoning_effort
          "reasoning_effort": "much"                            | reasoning_effort
          "tools": {"a": {}}                                    | tools
          "tools": ["a"]                                        | tools[0]
          "tools": [{"type": "custom"}]                         | tools[0].type
          "tools": [{"type": "function"}]                       | tools[0].function
          "tools": [{"type": "function", "function": {}}]       | tools[0].function.name
          "tool_choice": 5                                      | tool_choice
          "tool_choice": {"type": "function"}                   | tool_choice
          "parallel_tool_calls": "no"                           | parallel_tool_calls
          "functions": [{"name": "f"}]                          | functions
          "modalities": ["audio"]                               | modalities
          "logit_bias": {"1": 1}                                | logit_bias
          "messages": {"role": "user"}                          | messages
          "messages": ["Hello"]                                 | messages[0]
          "messages": [{"content": "Hello"}]                    | messages[0].role
          "messages": [{"role": "user"}]                        | messages[0].content
          "messages": [{"role": "user", "content": 5}]          | messages[0].content
          "messages": [{"role": "user", "content": ["a"]}]      | messages[0].content[0]
          "messages": [{"role": "assistant", "tool_calls": {}, "function_call": {"name": "f"}}] | messages[0].function_call
          "messages": [{"role": "assistant", "tool_calls": "a"}] | messages[0].tool_calls
          "messages": [{"role": "assistant", "tool_calls": [{"type": "function"}]}] | messages[0].tool_calls[0]
          "messages": [{"role": "tool", "content": "a"}]        | messages[0].tool_call_id
          """)
  void invalidMemberIsRejectedByName(String member, String field) {
    for (Dialect dialect : DIALECTS) {
      ModelRequest request = request(member);

      assertThat(
              catchThrowableOfType(
                      InvalidInputException.class, () -> dialect.translateRequest(request))
                  .errors())
          .singleElement()
          .satisfies(error -> assertThat(error.field()).startsWith(field));
    }
  }

  private static ModelRequest request(String member) {
    ObjectNode body =
        (ObjectNode)
            ProviderJson.MAPPER.readTree(
                "{\"model\": \"m\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}");
    body.setAll((ObjectNode) ProviderJson.MAPPER.readTree("{" + member + "}"));
    return ModelRequest.of(Operation.CHAT, body);
  }
}
