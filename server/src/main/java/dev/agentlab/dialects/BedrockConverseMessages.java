package dev.agentlab.dialects;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Translates the messages of a canonical request to Converse's `messages` and `system`. Roles must
/// alternate in Converse, so consecutive messages of one role are merged.
final class BedrockConverseMessages {
  private static final Set<String> IMAGE_TYPES =
      Set.of("image/png", "image/jpeg", "image/gif", "image/webp");

  private static final Map<String, String> DOCUMENT_FORMATS =
      Map.of(
          "application/pdf", "pdf",
          "text/csv", "csv",
          "text/html", "html",
          "text/plain", "txt",
          "text/markdown", "md",
          "application/msword", "doc",
          "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx",
          "application/vnd.ms-excel", "xls",
          "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx");

  private static final String NO_EQUIVALENT = "Bedrock has no equivalent";

  private final RequestMemberReader request;
  private final ArrayNode system = ChatSink.array();
  private final ArrayNode messages = ChatSink.array();
  private boolean usesTools;

  BedrockConverseMessages(RequestMemberReader request) {
    this.request = request;
  }

  /// Writes the messages.
  ///
  /// @return whether there are tool calls or tool results
  /// @throws dev.agentlab.errors.InvalidInputException if a message has content that Bedrock does
  ///   not support
  boolean write(ObjectNode body) {
    JsonNode input = request.take("messages");
    if (!input.isArray() || input.isEmpty()) {
      throw request.invalid("messages", "must be a non-empty array of messages");
    }
    for (int i = 0; i < input.size(); i++) {
      String path = "messages[%d]".formatted(i);
      RequestMemberReader message = request.nested(path, input.path(i));
      switch (message.required("role")) {
        case "system", "developer" -> {
          if (!messages.isEmpty()) {
            request.warn(
                path, "is moved to the system prompt: Bedrock accepts instructions only there");
          }
          content(message, message.take("content"), system);
        }
        case "user" -> content(message, message.take("content"), contentFor("user"));
        case "assistant" -> assistant(message);
        case "tool" -> contentFor("user").addObject().set("toolResult", result(message));
        default ->
            throw message.invalid("role", "must be system, developer, user, assistant or tool");
      }
      message.ignore("name", "Bedrock does not distinguish participants by name");
      message.ignoreRest(NO_EQUIVALENT);
    }
    if (!system.isEmpty()) {
      body.set("system", system);
    }
    body.set("messages", messages);
    return usesTools;
  }

  private ArrayNode contentFor(String role) {
    return messages.path(messages.size() - 1) instanceof ObjectNode last
            && last.path("role").stringValue("").equals(role)
        ? last.withArrayProperty("content")
        : messages.addObject().put("role", role).putArray("content");
  }

  private static void content(RequestMemberReader message, JsonNode content, ArrayNode blocks) {
    message.translateContent(
        content,
        text -> ChatSink.object().put("text", text),
        BedrockConverseMessages::block,
        blocks);
  }

  private static JsonNode block(RequestMemberReader part, JsonNode original) {
    Optional<String> type = part.text("type");
    if (type.isEmpty()) {
      return original;
    }
    ObjectNode json = ChatSink.object();
    switch (type.get()) {
      case "text" -> part.move("text", json, "text");
      case "refusal" -> part.move("refusal", json, "text");
      case "image_url" -> image(part.nested("image_url", part.take("image_url")), json);
      case "input_audio" -> {
        RequestMemberReader audio = part.nested("input_audio", part.take("input_audio"));
        ObjectNode block = json.putObject("audio").put("format", audio.required("format"));
        block.putObject("source").put("bytes", audio.required("data"));
      }
      case "file" -> document(part.nested("file", part.take("file")), json);
      default -> throw part.invalid("type", "must be text, image_url, input_audio or file");
    }
    part.ignoreRest(NO_EQUIVALENT);
    return json;
  }

  private static void image(RequestMemberReader image, ObjectNode json) {
    DataUrl data =
        DataUrl.parse(image.required("url"))
            .filter(it -> IMAGE_TYPES.contains(it.type()))
            .orElseThrow(() ->
                image.invalid(
                    "url",
                    "must be a base64 data: URL of a png, jpeg, gif or webp image: Bedrock"
                        + " does not fetch URLs"));
    ObjectNode block = json.putObject("image");
    block.put("format", data.type().substring("image/".length()));
    block.putObject("source").put("bytes", data.base64());
    image
        .text("detail")
        .filter(detail -> !detail.equals("auto"))
        .ifPresent(_ -> image.warnIgnored("detail", "Bedrock selects the level of detail itself"));
  }

  private static void document(RequestMemberReader file, ObjectNode json) {
    file.reject("file_id", "is not supported: use file_data");
    DataUrl data =
        DataUrl.parse(file.required("file_data"))
            .filter(it -> DOCUMENT_FORMATS.containsKey(it.type()))
            .orElseThrow(() ->
                file.invalid(
                    "file_data",
                    "must be a base64 data: URL of a document, such as"
                        + " data:application/pdf;base64,…"));
    String name = documentName(file.text("filename").orElse("document"));
    ObjectNode block = json.putObject("document").put("format", DOCUMENT_FORMATS.get(data.type()));
    block.put("name", name).putObject("source").put("bytes", data.base64());
  }

  /// A document name with a hyphen in place of each run of characters that Bedrock does not allow.
  private static String documentName(String text) {
    StringBuilder name = new StringBuilder();
    boolean inRun = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean isAllowed =
          (c >= 'A' && c <= 'Z')
              || (c >= 'a' && c <= 'z')
              || (c >= '0' && c <= '9')
              || "()[]-".indexOf(c) >= 0;
      if (isAllowed || !inRun) {
        name.append(isAllowed ? c : '-');
      }
      inRun = !isAllowed;
    }
    return name.toString();
  }

  private void assistant(RequestMemberReader message) {
    ArrayNode blocks = ChatSink.array();
    message.reject("function_call", "is deprecated and not supported: use tool_calls");
    message.reject("audio", "is not supported: put the transcript in content");
    JsonNode bedrock = message.take(BedrockConverse.EXTRA_CONTENT).path(BedrockConverse.BEDROCK);
    JsonNode reasoning = bedrock.path("reasoning");
    reasoning.forEach(it -> blocks.addObject().set("reasoningContent", it));
    if (reasoning.isEmpty()) {
      message.ignore(
          "reasoning_content",
          "Bedrock accepts only signed reasoning blocks, in extra_content.bedrock");
    } else {
      message.take("reasoning_content");
    }
    bedrock.path("content").forEach(blocks::add);
    JsonNode content = message.take("content");
    if (!content.isMissingNode()) {
      ArrayNode contentBlocks = ChatSink.array();
      content(message, content, contentBlocks);
      contentBlocks.valueStream().filter(BedrockConverseMessages::hasContent).forEach(blocks::add);
    }
    message.text("refusal").ifPresent(text -> blocks.addObject().put("text", text));
    JsonNode calls = message.list("tool_calls");
    for (int i = 0; i < calls.size(); i++) {
      RequestMemberReader call = message.nested("tool_calls[%d]".formatted(i), calls.path(i));
      blocks.addObject().set("toolUse", call(call));
    }
    // Bedrock rejects a message without content.
    if (!blocks.isEmpty()) {
      contentFor("assistant").addAll(blocks);
    }
  }

  private static boolean hasContent(JsonNode block) {
    return !block.path("text").stringValue("…").isEmpty();
  }

  private ObjectNode call(RequestMemberReader call) {
    usesTools = true;
    if (!call.text("type").orElse("function").equals("function")) {
      throw call.invalid("type", "must be function");
    }
    RequestMemberReader function = call.nested("function", call.take("function"));
    ObjectNode json = ChatSink.object().put("toolUseId", call.required("id"));
    json.put("name", function.required("name"));
    json.set("input", ToolArguments.parse(function, "arguments"));
    call.ignoreRest(NO_EQUIVALENT);
    return json;
  }

  private ObjectNode result(RequestMemberReader message) {
    usesTools = true;
    ObjectNode json = ChatSink.object().put("toolUseId", message.required("tool_call_id"));
    json.putArray("content").addObject().put("text", ToolArguments.resultText(message));
    return json;
  }
}
