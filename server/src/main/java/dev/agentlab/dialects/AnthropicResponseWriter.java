package dev.agentlab.dialects;

import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceFinished;
import dev.agentlab.conversation.StreamEvent.ResponseFailed;
import dev.agentlab.conversation.StreamEvent.ResponseStarted;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Assembles the events of a response into Anthropic's `message`
/// (https://platform.claude.com/docs/en/api/messages).
///
/// The `input` of a tool must be an object ([ToolArguments#write]).
final class AnthropicResponseWriter extends AnthropicContentWriter<AnthropicResponseWriter.Block>
    implements ClientResponseWriter {
  private static final String INPUT = "input";

  private final ArrayNode content = ProviderJson.array();
  private ResponseStarted start =
      new ResponseStarted(Optional.empty(), Optional.empty(), OptionalLong.empty());

  /// A block whose text is still growing.
  ///
  /// @param member the member with the text
  record Block(ObjectNode json, String member, StringBuilder text) {}

  /// @param requestedModel the model if the response does not name one
  /// @param at when the response arrived
  AnthropicResponseWriter(String requestedModel, Instant at) {
    super(requestedModel, at);
  }

  @Override
  public void write(StreamEvent event) {
    switch (event) {
      case ResponseStarted started -> start = started;
      case ResponseFailed failed -> throw ProviderErrorException.of(failed);
      default -> addContent(event);
    }
  }

  @Override
  Block beginText() {
    return begin("text", "text");
  }

  @Override
  Block beginThinking() {
    Block block = begin("thinking", "thinking");
    block.json.put("signature", "");
    return block;
  }

  @Override
  Block beginToolUse(String id, String name) {
    Block block = begin("tool_use", INPUT);
    block.json.put("id", id).put("name", name).putObject(INPUT);
    return block;
  }

  private Block begin(String type, String member) {
    ObjectNode json = content.addObject().put("type", type).put(member, "");
    return new Block(json, member, new StringBuilder());
  }

  @Override
  void append(Block block, String part) {
    block.text.append(part);
  }

  @Override
  void addCitation(Block text, JsonNode citation) {
    text.json.withArrayProperty("citations").add(citation);
  }

  @Override
  void endThinking(Block block, Optional<ObjectNode> original) {
    end(block);
    original.ifPresent(block.json::setAll);
  }

  @Override
  void end(Block block) {
    String text = block.text.toString();
    if (block.member.equals(INPUT)) {
      ToolArguments.write(text, block.json, INPUT);
    } else {
      block.json.put(block.member, text);
    }
  }

  @Override
  void add(ObjectNode block) {
    content.add(block);
  }

  @Override
  public CompleteAnswer toAnswer() {
    ObjectNode json =
        ProviderJson.object()
            .put("id", id(start))
            .put("type", "message")
            .put("role", "assistant")
            .put("model", model(start));
    json.set("content", content);
    json.put("stop_reason", stopReason()).putNull("stop_sequence");
    json.setAll(members()).set("usage", usage(usage()));
    if (!extraContent().isEmpty()) {
      json.set(EXTRA_CONTENT, extraContent());
    }
    return new CompleteAnswer(
        ProviderJson.MAPPER.writeValueAsBytes(json), usage(), finish().map(ChoiceFinished::reason));
  }
}
