package dev.agentlab.dialects;

import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Translates the messages of a canonical request to Anthropic's `messages` and `system`.
final class AnthropicMessages {
  private static final Set<String> IMAGE_TYPES =
      Set.of("image/jpeg", "image/png", "image/gif", "image/webp");
  private static final String NO_EQUIVALENT = "Anthropic has no equivalent";

  private final RequestMemberReader request;
  private final ArrayNode system = ChatSink.array();
  private final ArrayNode messages = ChatSink.array();

  AnthropicMessages(RequestMemberReader request) {
    this.request = request;
  }

  /// @throws dev.agentlab.errors.InvalidInputException if a message has content that Anthropic does
  ///   not support
  void write(ObjectNode body) {
    JsonNode input = request.take("messages");
    if (!input.isArray() || input.isEmpty()) {
      throw request.invalid("messages", "must be a non-empty array of messages");
    }
    ArrayNode results = ChatSink.array();
    for (int i = 0; i < input.size(); i++) {
      String path = "messages[%d]".formatted(i);
      RequestMemberReader message = request.nested(path, input.path(i));
      String role = message.required("role");
      if (!role.equals("tool")) {
        results = ChatSink.array();
      }
      switch (role) {
        case "system", "developer" -> system(message, path);
        case "user" -> addMessage("user", content(message));
        case "assistant" -> assistant(message);
        case "tool" -> {
          if (results.isEmpty()) {
            addMessage("user", results);
          }
          results.add(result(message));
        }
        default ->
            throw message.invalid("role", "must be system, developer, user, assistant or tool");
      }
      message.ignore("name", "Anthropic does not distinguish participants by name");
      message.ignoreRest(NO_EQUIVALENT);
    }
    if (!system.isEmpty()) {
      body.set("system", system);
    }
    body.set("messages", messages);
  }

  private void addMessage(String role, ArrayNode content) {
    messages.addObject().put("role", role).set("content", content);
  }

  private void system(RequestMemberReader message, String path) {
    if (!messages.isEmpty()) {
      request.warn(
          path, "is moved to the system prompt: Anthropic accepts instructions only there");
    }
    content(message)
        .forEach(block -> {
          if (hasContent(block)) {
            system.add(block);
          }
        });
  }

  /// The content blocks of a message; a string becomes one text block.
  private static ArrayNode content(RequestMemberReader message) {
    ArrayNode blocks = ChatSink.array();
    message.translateContent(
        message.take("content"), AnthropicMessages::text, AnthropicMessages::block, blocks);
    return blocks;
  }

  private static JsonNode block(RequestMemberReader part, JsonNode original) {
    ObjectNode block =
        switch (part.required("type")) {
          case "text" ->
              text(part.text("text").orElseThrow(() -> part.invalid("text", "is required")));
          case "refusal" -> text(part.text("refusal").orElse(""));
          case "image_url" -> image(part.nested("image_url", part.take("image_url")));
          case "file" -> document(part.nested("file", part.take("file")));
          case "input_audio" ->
              throw part.invalid(
                  "type", "must not be input_audio: Anthropic does not accept audio");
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

  private static ObjectNode image(RequestMemberReader image) {
    String url = image.required("url");
    String detail = image.text("detail").orElse("auto");
    if (!detail.equals("auto")) {
      image.warnIgnored("detail", NO_EQUIVALENT);
    }
    image.ignoreRest(NO_EQUIVALENT);
    ObjectNode block = ChatSink.object().put("type", "image");
    Optional<DataUrl> data = DataUrl.parse(url);
    if (data.isPresent()) {
      String type = data.get().type().replace("image/jpg", "image/jpeg");
      if (!IMAGE_TYPES.contains(type)) {
        throw image.invalid("url", "must be a JPEG, PNG, GIF or WebP image");
      }
      return source(block, type, data.get().base64());
    }
    if (!url.startsWith("https://") && !url.startsWith("http://")) {
      throw image.invalid("url", "must be a base64 data: URL with a media type, or an https: URL");
    }
    block.putObject("source").put("type", "url").put("url", url);
    return block;
  }

  private static ObjectNode document(RequestMemberReader file) {
    file.reject("file_id", "is not supported: use file_data");
    DataUrl data =
        DataUrl.parse(file.required("file_data"))
            .filter(it -> it.type().equals("application/pdf"))
            .orElseThrow(() -> file.invalid("file_data", "must be a base64 data: URL of a PDF"));
    ObjectNode block = ChatSink.object().put("type", "document");
    file.move("filename", block, "title");
    file.ignoreRest(NO_EQUIVALENT);
    return source(block, data.type(), data.base64());
  }

  private static ObjectNode source(ObjectNode block, String type, String base64) {
    block.putObject("source").put("type", "base64").put("media_type", type).put("data", base64);
    return block;
  }

  private void assistant(RequestMemberReader message) {
    message.reject("function_call", "is deprecated and not supported: use tool_calls");
    message.reject("audio", "is not supported: put the transcript in content");
    ArrayNode blocks = ChatSink.array();
    JsonNode extra = message.take(Anthropic.EXTRA_CONTENT);
    if (!extra.isEmpty() && !extra.has(Anthropic.ANTHROPIC)) {
      message.warnIgnored(Anthropic.EXTRA_CONTENT, "it belongs to another provider");
    }
    extra.path(Anthropic.ANTHROPIC).path("content").forEach(blocks::add);
    if (blocks.valueStream().anyMatch(AnthropicMessages::isThinking)) {
      message.take("reasoning_content");
    } else {
      message.ignore(
          "reasoning_content",
          "Anthropic accepts only signed thinking blocks, in extra_content.anthropic");
    }
    JsonNode calls = message.take("tool_calls");
    if (!calls.isMissingNode() && !calls.isArray()) {
      throw message.invalid("tool_calls", "must be an array");
    }
    if (!message.peek("content").isMissingNode()) {
      content(message).valueStream().filter(AnthropicMessages::hasContent).forEach(blocks::add);
    }
    message.text("refusal").ifPresent(refusal -> blocks.add(text(refusal)));
    for (int i = 0; i < calls.size(); i++) {
      blocks.add(call(message.nested("tool_calls[%d]".formatted(i), calls.path(i))));
    }
    if (!blocks.isEmpty()) {
      addMessage("assistant", blocks);
    }
  }

  private static boolean isThinking(JsonNode block) {
    String type = block.path("type").stringValue("");
    return type.equals("thinking") || type.equals("redacted_thinking");
  }

  /// Anthropic rejects empty text blocks, which OpenAI sends beside tool calls.
  private static boolean hasContent(JsonNode block) {
    return !block.path("type").stringValue("").equals("text")
        || !block.path("text").stringValue("").isEmpty();
  }

  private static ObjectNode call(RequestMemberReader call) {
    if (!call.text("type").orElse("function").equals("function")) {
      throw call.invalid("type", "must be function");
    }
    ObjectNode block = ChatSink.object().put("type", "tool_use").put("id", call.required("id"));
    RequestMemberReader function = call.nested("function", call.take("function"));
    block.put("name", function.required("name"));
    block.set("input", ToolArguments.parse(function, "arguments"));
    function.ignoreRest(NO_EQUIVALENT);
    call.take("index");
    call.ignore(Anthropic.EXTRA_CONTENT, "it belongs to another provider");
    call.moveRest(block);
    return block;
  }

  private static ObjectNode result(RequestMemberReader message) {
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
