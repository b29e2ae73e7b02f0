package dev.agentlab.simulation;

import dev.agentlab.simulation.SimulatedChat.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A chat completion in OpenAI's format, as one object or as events
/// (https://platform.openai.com/docs/api-reference/chat).
///
/// @param id 32 hexadecimal digits
/// @param created Unix time in seconds
/// @param tool the name of the called tool, if any
/// @param tokens of the tool's arguments, else of the content
record SimulatedCompletion(
    String id,
    long created,
    String model,
    Optional<String> tool,
    List<String> tokens,
    String finishReason,
    int promptTokens) {
  private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);

  /// Creates the completion of a chat, limited to its maximum number of tokens.
  static SimulatedCompletion of(SimulatedChat chat, Reply reply, String id, long created) {
    List<String> tokens =
        SimulatedTokenizer.tokenize(
            reply.tool().isEmpty() ? truncateAtStop(reply.text(), chat) : reply.text());
    int max = chat.maxTokens().filter(it -> it < tokens.size()).orElse(tokens.size());
    return new SimulatedCompletion(
        id,
        created,
        chat.model(),
        reply.tool(),
        tokens.subList(0, Math.max(0, max)),
        max < tokens.size() ? "length" : reply.tool().isPresent() ? "tool_calls" : "stop",
        chat.promptTokens());
  }

  private static String truncateAtStop(String text, SimulatedChat chat) {
    int end =
        chat.stopSequences().stream()
            .mapToInt(text::indexOf)
            .filter(at -> at >= 0)
            .min()
            .orElse(text.length());
    return text.substring(0, end);
  }

  byte[] toJson() {
    ObjectNode json = object("chat.completion");
    ObjectNode choice = json.putArray("choices").addObject().put("index", 0);
    ObjectNode message = choice.putObject("message").put("role", "assistant");
    String text = String.join("", tokens);
    if (tool.isPresent()) {
      message.putNull("content");
      putToolCall(message.putArray("tool_calls").addObject(), text);
    } else {
      message.put("content", text);
    }
    message.putNull("refusal");
    choice.putNull("logprobs").put("finish_reason", finishReason);
    json.set("usage", usage());
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }

  /// The event that opens a stream, then one for each token.
  List<byte[]> tokenEvents(boolean countsUsage) {
    List<byte[]> events = new ArrayList<>(tokens.size() + 1);
    ObjectNode opening = delta().put("role", "assistant");
    if (tool.isPresent()) {
      opening.putNull("content");
      putToolCall(opening.putArray("tool_calls").addObject().put("index", 0), "");
    } else {
      opening.put("content", "");
    }
    events.add(toChunk(opening, Optional.empty(), countsUsage));
    for (String token : tokens) {
      ObjectNode delta = delta();
      if (tool.isPresent()) {
        delta
            .putArray("tool_calls")
            .addObject()
            .put("index", 0)
            .putObject("function")
            .put("arguments", token);
      } else {
        delta.put("content", token);
      }
      events.add(toChunk(delta, Optional.empty(), countsUsage));
    }
    return events;
  }

  /// The events that end a stream.
  List<byte[]> closingEvents(boolean countsUsage) {
    List<byte[]> events = new ArrayList<>(3);
    events.add(toChunk(delta(), Optional.of(finishReason), countsUsage));
    if (countsUsage) {
      ObjectNode json = object("chat.completion.chunk");
      json.putArray("choices");
      json.set("usage", usage());
      events.add(toEvent(json));
    }
    events.add(DONE);
    return events;
  }

  private void putToolCall(ObjectNode call, String arguments) {
    call.put("id", "call_" + id.substring(0, 24)).put("type", "function");
    call.putObject("function").put("name", tool.orElseThrow()).put("arguments", arguments);
  }

  private byte[] toChunk(ObjectNode delta, Optional<String> finish, boolean countsUsage) {
    ObjectNode json = object("chat.completion.chunk");
    ObjectNode choice = json.putArray("choices").addObject().put("index", 0);
    choice.set("delta", delta);
    choice.putNull("logprobs");
    finish.ifPresentOrElse(
        reason -> choice.put("finish_reason", reason), () -> choice.putNull("finish_reason"));
    if (countsUsage) {
      json.putNull("usage");
    }
    return toEvent(json);
  }

  private ObjectNode object(String kind) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", "chatcmpl-" + id)
        .put("object", kind)
        .put("created", created)
        .put("model", model);
  }

  private ObjectNode usage() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("prompt_tokens", promptTokens)
        .put("completion_tokens", tokens.size())
        .put("total_tokens", promptTokens + tokens.size());
  }

  private static ObjectNode delta() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static byte[] toEvent(ObjectNode json) {
    return ("data: " + json + "\n\n").getBytes(StandardCharsets.UTF_8);
  }
}
