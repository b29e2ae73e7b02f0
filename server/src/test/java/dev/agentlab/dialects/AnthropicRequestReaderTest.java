package dev.agentlab.dialects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.conversation.ChatMessage;
import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.ContentPart.ImagePart;
import dev.agentlab.conversation.ContentPart.ReasoningPart;
import dev.agentlab.conversation.ContentPart.ReplayPart;
import dev.agentlab.conversation.ContentPart.TextPart;
import dev.agentlab.conversation.ContentPart.ToolCallPart;
import dev.agentlab.conversation.ContentPart.ToolResultPart;
import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.MessageRole;
import dev.agentlab.conversation.RequestOption;
import dev.agentlab.conversation.ToolChoice;
import dev.agentlab.errors.InvalidInputException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class AnthropicRequestReaderTest {

  @Test
  void systemPromptPrecedesMessages() {
    ChatRequest request =
        read(
            """
            "system": [{"type": "text", "text": "A"},
              {"type": "text", "text": "B", "cache_control": {"type": "ephemeral"}}]\
            """);

    ChatMessage system = request.messages().getFirst();
    assertThat(system.role()).isEqualTo(MessageRole.SYSTEM);
    assertThat(system.content())
        .extracting(part -> ((TextPart) part).text())
        .containsExactly("A", "B");
    assertThat(((TextPart) system.content().get(1)).extensions().cacheMarker().orElseThrow().path())
        .isEqualTo("system[1].cache_control");
  }

  @Test
  void elementsKnowThePathOfTheirMember() {
    ChatRequest request =
        read(
            """
            "messages": [
              {"role": "user", "content": [{"type": "image", "x": 1,
                "source": {"type": "url", "url": "https://img.example/a.png", "y": 2}}]},
              {"role": "assistant", "content": [
                {"type": "tool_use", "id": "c", "name": "f", "input": {"n": 1.50}}]},
              {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c",
                "content": [{"type": "text", "text": "a"}], "is_error": true}]}],
            "thinking": {"type": "enabled", "budget_tokens": 2048},
            "tool_choice": {"type": "any", "disable_parallel_tool_use": true},
            "output_config": {"effort": "low", "task_budget": 5}\
            """);

    ImagePart image = (ImagePart) request.messages().getFirst().content().getFirst();
    assertThat(image.source().path()).isEqualTo("messages[0].content[0].source.url");
    assertThat(image.extensions().unread().path()).isEqualTo("messages[0].content[0].");
    assertThat(image.extensions().unread().inner().orElseThrow().path())
        .isEqualTo("messages[0].content[0].source.");
    ToolCallPart call = (ToolCallPart) request.messages().get(1).content().getFirst();
    assertThat(call.arguments())
        .isEqualTo(new Member<>("messages[1].content[0].input", "{\"n\":1.50}"));
    ToolResultPart result = (ToolResultPart) request.messages().get(2).content().getFirst();
    assertThat(result.content().value().getFirst().path())
        .isEqualTo("messages[2].content[0].content[0]");
    assertThat(result.isError()).contains(new Member<>("messages[2].content[0].is_error", true));
    assertThat(path(request, RequestOption.REASONING_BUDGET)).contains("thinking.budget_tokens");
    assertThat(path(request, RequestOption.REASONING_EFFORT)).contains("output_config.effort");
    assertThat(path(request, RequestOption.PARALLEL_TOOL_CALLS))
        .contains("tool_choice.disable_parallel_tool_use");
    assertThat(request.toolChoice())
        .contains(new Member<>("tool_choice", new ToolChoice.AnyTool()));
    assertThat(request.unread().inner().orElseThrow().path()).isEqualTo("output_config.");
  }

  @Test
  void ownThinkingIsReasoningAndDataToReplay() {
    ChatMessage message =
        assistant(
            """
            {"type": "thinking", "thinking": "Hm.", "signature": "c2ln", "z": 1},
            {"type": "redacted_thinking", "data": "RW5j"}\
            """);

    assertThat(message.content().getFirst())
        .isEqualTo(new ReasoningPart("messages[0].content[0]", "Hm.", Optional.of("c2ln")));
    assertThat(replayed(message, 1))
        .isEqualTo(
            json(
                """
                {"anthropic": {"content": [
                  {"type": "thinking", "thinking": "Hm.", "signature": "c2ln", "z": 1}]}}\
                """));
    assertThat(replayed(message, 2))
        .isEqualTo(
            json(
                "{\"anthropic\": {\"content\": [{\"type\": \"redacted_thinking\","
                    + " \"data\": \"RW5j\"}]}}"));
  }

  @Test
  void carriedDataBelongsToMessageOrCall() {
    ObjectNode ofMessage = json("{\"bedrock\": {\"reasoning\": [1]}}");
    ObjectNode ofCall = json("{\"google\": {\"thought_signature\": \"c2ln\"}}");
    ChatMessage message =
        assistant(
            """
            {"type": "thinking", "thinking": "Hm.", "signature": ""},
            {"type": "redacted_thinking", "data": "%s"},
            {"type": "redacted_thinking", "data": "%s"},
            {"type": "tool_use", "id": "c", "name": "f", "input": {}}\
            """
                .formatted(
                    ReplayCarrier.encode(ofMessage, Optional.empty()),
                    ReplayCarrier.encode(ofCall, Optional.of("c"))));

    assertThat(message.content().getFirst())
        .isEqualTo(new ReasoningPart("messages[0].content[0]", "Hm.", Optional.empty()));
    assertThat(replayed(message, 1)).isEqualTo(ofMessage);
    ToolCallPart call = (ToolCallPart) message.content().get(2);
    assertThat(call.replayData().orElseThrow().byVendor()).isEqualTo(ofCall);
    assertThat(call.replayData().orElseThrow().path()).isEqualTo("messages[0].content[2]");
  }

  @ParameterizedTest
  @CsvSource({"YWdsMS4=", "YWdsMS5ubw==", "YWdsMS57!", "YWdsMS57ImNhbGwiOiJhIn0="})
  void invalidCarrierIsNotDecoded(String data) {
    assertThat(ReplayCarrier.decode(data)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          "model": null                                      | model
          "max_tokens": null                                 | max_tokens
          "max_tokens": "100"                                | max_tokens
          "stream": "yes"                                    | stream
          "temperature": "warm"                              | temperature
          "stop_sequences": "END"                            | stop_sequences
          "stop_sequences": [1]                              | stop_sequences
          "metadata": "u"                                    | metadata
          "metadata": {"user_id": 5}                         | metadata.user_id
          "system": 5                                        | system
          "system": [{"type": "text"}]                       | system[0].text
          "thinking": true                                   | thinking
          "thinking": {}                                     | thinking.type
          "thinking": {"type": "enabled"}                    | thinking.budget_tokens
          "output_config": []                                | output_config
          "output_config": {"effort": 5}                     | output_config.effort
          "output_config": {"format": {"type": "xml"}}       | output_config.format.type
          "output_config": {"format": {"type": "json_schema"}} | output_config.format.schema
          "tools": {}                                        | tools
          "tools": [5]                                       | tools[0]
          "tools": [{"input_schema": {}}]                    | tools[0].name
          "tools": [{"name": "f"}]                           | tools[0].input_schema
          "tool_choice": "auto"                              | tool_choice
          "tool_choice": {"type": "function"}                | tool_choice.type
          "tool_choice": {"type": "tool"}                    | tool_choice.name
          "messages": []                                     | messages
          "messages": ["Hello"]                              | messages[0]
          "messages": [{"role": "tool", "content": "a"}]     | messages[0].role
          "messages": [{"role": "user"}]                     | messages[0].content
          "messages": [{"role": "user", "content": [{"text": "a"}]}] | messages[0].content[0].type
          "messages": [{"role": "user", "content": [{"type": "image"}]}] | messages[0].content[0].source
          "messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "base64", "data": ""}}]}] | messages[0].content[0].source.media_type
          "messages": [{"role": "user", "content": [{"type": "document", "source": {"type": "url"}}]}] | messages[0].content[0].source.url
          "messages": [{"role": "user", "content": [{"type": "tool_use", "id": "c", "name": "f", "input": {}}]}] | messages[0].content[0].type
          "messages": [{"role": "user", "content": [{"type": "tool_result", "content": 5}]}] | messages[0].content[0].tool_use_id
          "messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": 5}]}] | messages[0].content[0].content
          "messages": [{"role": "assistant", "content": [{"type": "tool_result", "tool_use_id": "c"}]}] | messages[0].content[0].type
          "messages": [{"role": "assistant", "content": [{"type": "tool_use", "id": "c", "name": "f", "input": "{}"}]}] | messages[0].content[0].input
          "messages": [{"role": "assistant", "content": [{"type": "redacted_thinking"}]}] | messages[0].content[0].data
          """)
  void invalidMemberIsRejectedByName(String member, String field) {
    assertThat(catchThrowableOfType(InvalidInputException.class, () -> read(member)).errors())
        .singleElement()
        .satisfies(error -> assertThat(error.field()).isEqualTo(field));
  }

  private static Optional<String> path(ChatRequest request, RequestOption option) {
    return Optional.ofNullable(request.options().get(option)).map(Member::path);
  }

  private static JsonNode replayed(ChatMessage message, int index) {
    return ((ReplayPart) message.content().get(index)).data().byVendor();
  }

  private static ChatMessage assistant(String blocks) {
    return read("\"messages\": [{\"role\": \"assistant\", \"content\": [" + blocks + "]}]")
        .messages()
        .getFirst();
  }

  private static ChatRequest read(String member) {
    ObjectNode body =
        json(
            "{\"model\": \"m\", \"max_tokens\": 10,"
                + " \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}");
    body.setAll(json("{" + member + "}"));
    return AnthropicRequestReader.read(body);
  }

  private static ObjectNode json(String json) {
    return (ObjectNode) ProviderJson.MAPPER.readTree(json);
  }
}
