package dev.agentlab.dialects;

import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Translates the messages of a canonical request to Anthropic's `messages` and `system`.
final class AnthropicMessages {
  private static final Set<String> IMAGES =
      Set.of("image/jpeg", "image/png", "image/gif", "image/webp");
  private static final String NOTHING_LIKE_IT = "Anthropic has no equivalent";

  private final RequestMembers request;
  private final ArrayNode system = ChatSink.array();
  private final ArrayNode messages = ChatSink.array();

  AnthropicMessages(RequestMembers request) {
    this.request = request;
  }

  /// @throws dev.agentlab.errors.InvalidInputException if a message has content that Anthropic does
  ///   not support
  void write(ObjectNode body) {
    JsonNode input = request.take("messages");
    if (!input.isArray() || input.isEmpty()) {
      throw request.fault("messages", "must be a non-empty array of messages");
    }
    ArrayNode results = ChatSink.array();
    for (int i = 0; i < input.size(); i++) {
      String path = "messages[%d]".formatted(i);
      RequestMembers message = request.within(path, input.path(i));
      String role = message.required("role");
      if (!role.equals("tool")) {
        results = ChatSink.array();
      }
      switch (role) {
        case "system", "developer" -> system(message, path);
        case "user" -> turn("user", content(message));
        case "assistant" -> assistant(message);
        case "tool" -> {
          if (results.isEmpty()) {
            turn("user", results);
          }
          results.add(result(message));
        }
        default ->
            throw message.fault("role", "must be system, developer, user, assistant or tool");
      }
      message.omit("name", "Anthropic does not distinguish participants by name");
      message.omitRest(NOTHING_LIKE_IT);
    }
    if (!system.isEmpty()) {
      body.set("system", system);
    }
    body.set("messages", messages);
  }

  private void turn(String role, ArrayNode content) {
    messages.addObject().put("role", role).set("content", content);
  }

  private void system(RequestMembers message, String path) {
    if (!messages.isEmpty()) {
      request.note(
          path, "is moved to the system prompt: Anthropic accepts instructions only there");
    }
    content(message)
        .forEach(block -> {
          if (saysSomething(block)) {
            system.add(block);
          }
        });
  }

  /// The content blocks of a message; a string becomes one text block.
  private static ArrayNode content(RequestMembers message) {
    ArrayNode blocks = ChatSink.array();
    message.content(
        message.take("content"), AnthropicMessages::text, AnthropicMessages::block, blocks);
    return blocks;
  }

  private static JsonNode block(RequestMembers part, JsonNode original) {
    ObjectNode block =
        switch (part.required("type")) {
          case "text" ->
              text(part.text("text").orElseThrow(() -> part.fault("text", "is required")));
          case "refusal" -> text(part.text("refusal").orElse(""));
          case "image_url" -> image(part.within("image_url", part.take("image_url")));
          case "file" -> document(part.within("file", part.take("file")));
          case "input_audio" ->
              throw part.fault("type", "must not be input_audio: Anthropic does not accept audio");
          default -> ChatSink.object();
        };
    if (block.isEmpty()) {
      return original;
    }
    part.moveRest(block);
    return block;
  }

  private static ObjectNode text(String text) {
    return ChatSink.object().put("type", "text").put("text", text);
  }

  private static ObjectNode image(RequestMembers image) {
    String url = image.required("url");
    String detail = image.text("detail").orElse("auto");
    if (!detail.equals("auto")) {
      image.warn("detail", NOTHING_LIKE_IT);
    }
    image.omitRest(NOTHING_LIKE_IT);
    ObjectNode block = ChatSink.object().put("type", "image");
    Optional<DataUrl> data = DataUrl.of(url);
    if (data.isPresent()) {
      String type = data.get().type().replace("image/jpg", "image/jpeg");
      if (!IMAGES.contains(type)) {
        throw image.fault("url", "must be a JPEG, PNG, GIF or WebP image");
      }
      return source(block, type, data.get().base64());
    }
    if (!url.startsWith("https://") && !url.startsWith("http://")) {
      throw image.fault("url", "must be a base64 data: URL with a media type, or an https: URL");
    }
    block.putObject("source").put("type", "url").put("url", url);
    return block;
  }

  private static ObjectNode document(RequestMembers file) {
    file.refuse("file_id", "is not supported: use file_data");
    DataUrl data =
        DataUrl.of(file.required("file_data"))
            .filter(it -> it.type().equals("application/pdf"))
            .orElseThrow(() -> file.fault("file_data", "must be a base64 data: URL of a PDF"));
    ObjectNode block = ChatSink.object().put("type", "document");
    file.move("filename", block, "title");
    file.omitRest(NOTHING_LIKE_IT);
    return source(block, data.type(), data.base64());
  }

  private static ObjectNode source(ObjectNode block, String type, String base64) {
    block.putObject("source").put("type", "base64").put("media_type", type).put("data", base64);
    return block;
  }

  private void assistant(RequestMembers message) {
    message.refuse("function_call", "is deprecated and not supported: use tool_calls");
    message.refuse("audio", "is not supported: put the transcript in content");
    ArrayNode blocks = ChatSink.array();
    JsonNode extra = message.take(Anthropic.EXTRA);
    if (!extra.isEmpty() && !extra.has(Anthropic.ANTHROPIC)) {
      message.warn(Anthropic.EXTRA, "it belongs to another provider");
    }
    extra.path(Anthropic.ANTHROPIC).path("content").forEach(blocks::add);
    if (blocks.valueStream().anyMatch(AnthropicMessages::isThought)) {
      message.take("reasoning_content");
    } else {
      message.omit(
          "reasoning_content",
          "Anthropic accepts only signed thinking blocks, in extra_content.anthropic");
    }
    JsonNode calls = message.take("tool_calls");
    if (!calls.isMissingNode() && !calls.isArray()) {
      throw message.fault("tool_calls", "must be an array");
    }
    if (!message.peek("content").isMissingNode()) {
      content(message).valueStream().filter(AnthropicMessages::saysSomething).forEach(blocks::add);
    }
    message.text("refusal").ifPresent(refusal -> blocks.add(text(refusal)));
    for (int i = 0; i < calls.size(); i++) {
      blocks.add(call(message.within("tool_calls[%d]".formatted(i), calls.path(i))));
    }
    if (!blocks.isEmpty()) {
      turn("assistant", blocks);
    }
  }

  private static boolean isThought(JsonNode block) {
    String type = block.path("type").stringValue("");
    return type.equals("thinking") || type.equals("redacted_thinking");
  }

  /// Anthropic rejects empty text blocks, which OpenAI sends beside tool calls.
  private static boolean saysSomething(JsonNode block) {
    return !block.path("type").stringValue("").equals("text")
        || !block.path("text").stringValue("").isEmpty();
  }

  private static ObjectNode call(RequestMembers call) {
    if (!call.text("type").orElse("function").equals("function")) {
      throw call.fault("type", "must be function");
    }
    ObjectNode block = ChatSink.object().put("type", "tool_use").put("id", call.required("id"));
    RequestMembers function = call.within("function", call.take("function"));
    block.put("name", function.required("name"));
    block.set("input", ToolArguments.object(function, "arguments"));
    function.omitRest(NOTHING_LIKE_IT);
    call.take("index");
    call.omit(Anthropic.EXTRA, "it belongs to another provider");
    call.moveRest(block);
    return block;
  }

  private static ObjectNode result(RequestMembers message) {
    ObjectNode block =
        ChatSink.object()
            .put("type", "tool_result")
            .put("tool_use_id", message.required("tool_call_id"));
    message.take("name");
    message.move("is_error", block, "is_error");
    message.move("cache_control", block, "cache_control");
    JsonNode content = message.peek("content");
    if (content.isString()) {
      message.move("content", block, "content");
    } else {
      block.set("content", content(message));
    }
    return block;
  }
}
