package dev.agentlab.dialects;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a provider should receive of a client's request: a line for each text, image, call, result,
/// mark and option, in order. Instructions come first, because no provider has them elsewhere.
/// Nothing empty has a line.
final class ClientTranscript {

  /// @param path the member of the client's request that a warning names if the line is lost
  record Entry(String path, String line) {}

  private final JsonNode request;
  private final String vendor;
  private final List<Entry> entries = new ArrayList<>();

  /// @param vendor the vendor of the provider's dialect, such as `anthropic`
  private ClientTranscript(JsonNode request, String vendor) {
    this.request = request;
    this.vendor = vendor;
  }

  /// The images in results of Google, which stand behind all results of a turn.
  private final List<Entry> moved = new ArrayList<>();

  static List<Entry> of(JsonNode request, String vendor) {
    ClientTranscript transcript = new ClientTranscript(request, vendor);
    transcript.messages(true);
    transcript.messages(false);
    transcript.options();
    transcript.tools();
    return transcript.entries;
  }

  /// Whether a message has instructions rather than a part of the dialogue.
  static boolean isInstructions(JsonNode message) {
    return List.of("system", "developer").contains(message.path("role").stringValue());
  }

  private void add(String path, String line) {
    entries.add(new Entry(path, line));
  }

  private void addText(String path, String line, String text) {
    if (!text.isEmpty()) {
      add(path, line + " " + text);
    }
  }

  private void messages(boolean withInstructions) {
    for (int i = 0; i < request.path("messages").size(); i++) {
      JsonNode message = request.path("messages").path(i);
      String path = "messages[%d].".formatted(i);
      if (isInstructions(message) != withInstructions) {
        continue;
      }
      if (!message.path("role").stringValue().equals("tool")) {
        addMoved();
      }
      if (message.has("name")) {
        add(path + "name", "name " + message.path("name"));
      }
      switch (message.path("role").stringValue()) {
        case "user" -> content("user", path, message);
        case "assistant" -> answer(path, message);
        case "tool" -> result(path, message);
        default -> content("system", path, message);
      }
    }
    addMoved();
  }

  private void addMoved() {
    entries.addAll(moved);
    moved.clear();
  }

  private void content(String role, String path, JsonNode message) {
    JsonNode content = message.path("content");
    addText(path + "content", role + " text", content.stringValue(""));
    for (int i = 0; i < content.size(); i++) {
      String partPath = "%scontent[%d].".formatted(path, i);
      JsonNode part = content.path(i);
      addText(partPath + "text", role + " text", part.path("text").stringValue(""));
      media(role, partPath + "image_url.url", part.at("/image_url/url"));
      if (!part.at("/image_url/detail").stringValue("auto").equals("auto")) {
        add(partPath + "image_url.detail", role + " detail");
      }
      media(role, partPath + "file.file_data", part.at("/file/file_data"));
      fileName(partPath + "file.filename", part.at("/file/filename"));
      mark(role, partPath, part);
    }
  }

  private void media(String role, String path, JsonNode url) {
    addText(path, role + " media", url.stringValue(""));
  }

  /// Bedrock accepts only some characters in a name.
  private void fileName(String path, JsonNode name) {
    String text = name.stringValue("");
    addText(
        path,
        "user file",
        vendor.equals("bedrock") ? text.replaceAll("[^A-Za-z0-9()\\[\\]-]+", "-") : text);
  }

  private void mark(String role, String path, JsonNode element) {
    if (element.has("cache_control")) {
      add(path + "cache_control", role + " cache " + element.path("cache_control"));
    }
  }

  private void answer(String path, JsonNode message) {
    reasoning(path, message);
    content("assistant", path, message);
    addText(path + "refusal", "assistant text", message.path("refusal").stringValue(""));
    signature(path, message);
    for (int i = 0; i < message.path("tool_calls").size(); i++) {
      JsonNode call = message.path("tool_calls").path(i);
      String callPath = "%stool_calls[%d].".formatted(path, i);
      String arguments = call.at("/function/arguments").stringValue();
      JsonNode input = ProviderJson.MAPPER.readTree(arguments.isEmpty() ? "{}" : arguments);
      String line = call(call.path("id"), call.at("/function/name"), input);
      add(callPath + "function", line);
      signature(callPath, call);
      mark("assistant", callPath, call);
    }
  }

  /// The blocks that the client sends back replace the readable reasoning. Of another vendor they
  /// cannot be used.
  private void reasoning(String path, JsonNode message) {
    List<String> blocks = new ArrayList<>();
    if (vendor.equals("anthropic")) {
      message
          .at("/extra_content/anthropic/content")
          .forEach(block -> blocks.add(reasoning(block, "/thinking", "/signature", "/data")));
    } else if (vendor.equals("bedrock")) {
      message
          .at("/extra_content/bedrock/reasoning")
          .forEach(block ->
              blocks.add(
                  reasoning(
                      block,
                      "/reasoningText/text",
                      "/reasoningText/signature",
                      "/redactedContent")));
    }
    if (blocks.isEmpty()) {
      String text = message.path("reasoning_content").stringValue("");
      addText(path + "reasoning_content", "assistant reasoning", text);
    }
    blocks.forEach(line -> add(path + "extra_content", line));
    JsonNode claude = message.at("/extra_content/anthropic/content");
    boolean isRedacted = false;
    if (vendor.equals("bedrock")) {
      List<JsonNode> redacted = claude.valueStream().filter(block -> block.has("data")).toList();
      redacted.forEach(block ->
          add(path + "extra_content", reasoning(block, "/thinking", "/signature", "/data")));
      isRedacted = !redacted.isEmpty() && redacted.size() == claude.size();
    }
    if (message.has("extra_content") && !message.path("extra_content").has(vendor) && !isRedacted) {
      add(path + "extra_content", "foreign data");
    }
  }

  /// The line of a block of reasoning, which has a text with its signature, or encrypted data.
  static String reasoning(JsonNode block, String text, String signature, String data) {
    return "assistant reasoning %s signed %s"
        .formatted(
            block.at(text).stringValue(""),
            block.at(signature).stringValue(block.at(data).stringValue("")));
  }

  static String call(JsonNode id, JsonNode name, JsonNode arguments) {
    return "assistant call %s %s %s".formatted(id.stringValue(), name.stringValue(), arguments);
  }

  /// The signature of Google that belongs to the preceding text or call.
  private void signature(String path, JsonNode element) {
    JsonNode signature = element.at("/extra_content/google/thought_signature");
    if (vendor.equals("google") && signature.isString()) {
      add(path + "extra_content", "assistant signature " + signature.stringValue());
    } else if (signature.isString() && path.contains("tool_calls")) {
      add(path + "extra_content", "foreign data");
    }
  }

  private void result(String path, JsonNode message) {
    StringBuilder text = new StringBuilder(message.path("content").stringValue(""));
    message.path("content").forEach(part -> text.append(part.path("text").stringValue("")));
    add(path + "content", result(message.path("tool_call_id"), text.toString()));
    for (JsonNode part : message.path("content")) {
      JsonNode url = part.at("/image_url/url");
      if (!vendor.equals("google")) {
        media("tool", path, url);
      } else if (url.isString()) {
        moved.add(new Entry(path, "user media " + url.stringValue()));
      }
    }
    if (message.path("is_error").booleanValue(false)) {
      add(path + "is_error", "tool error");
    }
    mark("tool", path, message);
  }

  /// The line of a result, with its text or, because Gemini receives an object as such, its JSON.
  static String result(JsonNode callId, String text) {
    String value = text;
    try {
      if (ProviderJson.MAPPER.readTree(text) instanceof ObjectNode object) {
        value = object.toString();
      }
    } catch (JacksonException e) {
      // A result may be any text.
    }
    return "tool result %s %s".formatted(callId.stringValue(), value);
  }

  private void options() {
    String limit = request.has("max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
    if (request.has(limit)) {
      add(limit, "max_tokens " + request.path(limit));
    } else if (vendor.equals("anthropic")) {
      add(limit, "max_tokens 32000");
    }
    for (String name :
        List.of("temperature", "top_p", "top_k", "seed", "presence_penalty", "frequency_penalty")) {
      if (request.has(name)) {
        add(name, name + " " + request.path(name));
      }
    }
    JsonNode stop = request.path("stop");
    if (!stop.isMissingNode()) {
      add("stop", "stop " + (stop.isArray() ? stop : ProviderJson.array().add(stop)));
    }
    JsonNode format = request.path("response_format");
    if (format.path("type").asString("").equals("json_object")) {
      add("response_format", "format json");
    } else if (format.has("json_schema")) {
      add("response_format", "format " + format.at("/json_schema/schema"));
      String description = format.at("/json_schema/description").stringValue("");
      addText("response_format", "description", description);
    }
  }

  private void tools() {
    JsonNode choice = request.path("tool_choice");
    boolean isForbidden = choice.asString("").equals("none");
    // Converse has no such choice: without tools, none can be called.
    boolean areWithheld = vendor.equals("bedrock") && isForbidden && !hasCalls();
    for (int i = 0; i < request.path("tools").size(); i++) {
      JsonNode tool = request.path("tools").path(i);
      String path = "tools[%d].".formatted(i);
      JsonNode function = tool.path("function");
      if (!areWithheld) {
        add(path + "function", tool(function, function.path("parameters")));
      }
      // Gemini has it for all functions at once.
      if (!areWithheld && function.has("strict") && !vendor.equals("google")) {
        add(path + "function.strict", "strict " + function.path("strict"));
      }
      mark("tools", path, tool);
    }
    if (isForbidden && !areWithheld) {
      add("tool_choice", "choice none");
    } else if (choice.isObject() || choice.asString("").equals("required")) {
      // One function, or some.
      List<String> names = choice.findValuesAsString("name");
      add("tool_choice", "choice required " + names);
    }
    if (request.path("parallel_tool_calls").isBoolean()
        && !request.path("parallel_tool_calls").booleanValue()) {
      add("parallel_tool_calls", "parallel false");
    }
  }

  /// The line of a tool. A function without parameters has an empty schema.
  static String tool(JsonNode function, JsonNode schema) {
    return "function %s %s %s"
        .formatted(
            function.path("name").stringValue(),
            function.path("description").stringValue(""),
            schema.isMissingNode() ? "{\"type\":\"object\",\"properties\":{}}" : schema);
  }

  private boolean hasCalls() {
    return request.path("messages").valueStream().anyMatch(message -> message.has("tool_calls"));
  }
}
