package dev.agentlab.dialects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.agentlab.conversation.ChatMessage;
import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.ContentPart;
import dev.agentlab.conversation.ContentPart.AudioPart;
import dev.agentlab.conversation.ContentPart.ReasoningPart;
import dev.agentlab.conversation.ContentPart.TextPart;
import dev.agentlab.conversation.ContentPart.ToolCallPart;
import dev.agentlab.conversation.ContentPart.ToolResultPart;
import dev.agentlab.conversation.Extensions;
import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.MessageRole;
import dev.agentlab.conversation.RequestOption;
import dev.agentlab.conversation.UnreadMembers;
import dev.agentlab.errors.InvalidInputException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.IntNode;

/// Requests with what clients of other dialects than OpenAI's express: signed reasoning, a budget
/// for it, and a message with several tool results and text.
class NeutralRequestTest {
  private static final ChatRequest REQUEST =
      request(
          List.of(
              message(0, MessageRole.USER, text("Look.")),
              message(
                  1,
                  MessageRole.ASSISTANT,
                  new ReasoningPart("messages[1].content[0]", "Hm.", Optional.of("c2ln")),
                  call("a"),
                  call("b")),
              message(2, MessageRole.USER, result("a"), result("b"), text("And?"))));

  @Test
  void anthropicWritesSignedReasoningBudgetAndResults() {
    JsonNode body = body(new Anthropic());

    assertThat(body.at("/messages/1/content/0"))
        .isEqualTo(
            json("{\"type\": \"thinking\", \"thinking\": \"Hm.\", \"signature\": \"c2ln\"}"));
    assertThat(body.path("thinking"))
        .isEqualTo(json("{\"type\": \"enabled\", \"budget_tokens\": 2048}"));
    assertThat(body.at("/messages/2/content").valueStream())
        .extracting(block -> block.path("type").stringValue())
        .containsExactly("tool_result", "tool_result", "text");
  }

  @Test
  void bedrockWritesSignedReasoningAndResults() {
    TranslationWarnings warnings = new TranslationWarnings();
    JsonNode body = json(new BedrockConverse().writeChat(REQUEST, warnings));

    assertThat(body.at("/messages/1/content/0"))
        .isEqualTo(
            json(
                """
                {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "c2ln"}}}\
                """));
    assertThat(body.at("/messages/2/content/1/toolResult/toolUseId").stringValue()).isEqualTo("b");
    assertThat(body.at("/messages/2/content/2/text").stringValue()).isEqualTo("And?");
    assertThat(warnings.messages())
        .containsExactly(
            "tools has the function f: Bedrock requires all that were called",
            "thinking.budget_tokens is ignored: Bedrock has no budget; use the model's own"
                + " members");
  }

  @Test
  void geminiWritesBudgetAndResults() {
    JsonNode body = body(new Gemini());

    assertThat(body.at("/generationConfig/thinkingConfig/thinkingBudget").intValue())
        .isEqualTo(2048);
    assertThat(body.at("/contents/2/parts/0/functionResponse/name").stringValue()).isEqualTo("f");
    assertThat(body.at("/contents/3/parts/0/text").stringValue()).isEqualTo("And?");
  }

  @Test
  void openAiReceivesEachResultAsAMessage() {
    TranslationWarnings warnings = new TranslationWarnings();
    JsonNode body = new ChatCompletionsRequestWriter(REQUEST, warnings).json();

    assertThat(body.path("messages").valueStream())
        .extracting(message -> message.path("role").stringValue())
        .containsExactly("user", "assistant", "tool", "tool", "user");
    assertThat(body.at("/messages/1/reasoning_content").stringValue()).isEqualTo("Hm.");
    assertThat(body.at("/messages/4/content").stringValue()).isEqualTo("And?");
    assertThat(warnings.messages())
        .containsExactly(
            "thinking.budget_tokens is ignored: the API has no limit on reasoning tokens");
  }

  @Test
  void errorNamesTheMemberOfTheClient() {
    ChatRequest request =
        request(
            List.of(
                message(
                    0,
                    MessageRole.USER,
                    new AudioPart(
                        "contents[0].parts[0]",
                        "contents[0].parts[0].inlineData.mimeType",
                        "wav",
                        "UklGRg==",
                        Extensions.NONE))));

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> new Anthropic().writeChat(request, new TranslationWarnings()))
        .withMessageStartingWith("contents[0].parts[0].inlineData.mimeType: ");
  }

  private static JsonNode body(ProviderDialect dialect) {
    TranslationWarnings warnings = new TranslationWarnings();
    JsonNode body = json(dialect.writeChat(REQUEST, warnings));
    assertThat(warnings.messages()).isEmpty();
    return body;
  }

  private static JsonNode json(ProviderRequest request) {
    return ProviderJson.MAPPER.readTree(request.body());
  }

  private static JsonNode json(String json) {
    return ProviderJson.MAPPER.readTree(json);
  }

  private static ChatRequest request(List<ChatMessage> messages) {
    return new ChatRequest(
        new Member<>("model", "claude-sonnet-4-5"),
        false,
        messages,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Map.of(
            RequestOption.REASONING_BUDGET,
            new Member<>("thinking.budget_tokens", IntNode.valueOf(2_048))),
        UnreadMembers.NONE,
        Optional.empty());
  }

  private static ChatMessage message(int index, MessageRole role, ContentPart... parts) {
    return new ChatMessage(
        "messages[%d]".formatted(index),
        role,
        List.of(parts),
        Optional.empty(),
        UnreadMembers.NONE);
  }

  private static TextPart text(String text) {
    return new TextPart("messages[0].content[0]", text, Extensions.NONE);
  }

  private static ToolCallPart call(String id) {
    return new ToolCallPart(
        "messages[1].content[1]",
        id,
        "f",
        new Member<>("messages[1].content[1].input", "{\"n\": 1}"),
        Optional.empty(),
        Extensions.NONE);
  }

  private static ToolResultPart result(String id) {
    return new ToolResultPart(
        "messages[2].content[0]",
        new Member<>("messages[2].content[0].tool_use_id", id),
        new Member<>("messages[2].content[0].content", List.of(text("1"))),
        Optional.empty(),
        Extensions.NONE);
  }
}
