package dev.agentlab.simulation;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.simulation.SimulationSettings.ToolUse;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A request for a chat completion, and the reply of the simulated model.
record SimulatedChat(ObjectNode body) {
  private static final int MAX_ECHO_LENGTH = 200;

  /// The number of tokens counted for an image.
  private static final int IMAGE_TOKENS = 85;

  /// @throws InvalidInputException if there is no message
  SimulatedChat {
    if (!body.path("messages").isArray() || body.path("messages").isEmpty()) {
      throw new InvalidInputException("messages", "must be an array of at least one message");
    }
  }

  /// Creates the reply: a tool call or a text.
  ///
  /// @throws InvalidInputException if the requested tool is not among the tools
  Reply createReply(SimulationSettings settings) {
    return chooseTool(settings.toolUse())
        .map(tool -> callTool(tool.path("function")))
        .orElseGet(() -> new Reply(Optional.empty(), settings.reply().orElseGet(this::text)));
  }

  /// A reply of the simulated model.
  ///
  /// @param tool the name of the called tool, if any
  /// @param text the arguments of the tool as JSON, else the content of the message
  record Reply(Optional<String> tool, String text) {}

  private Optional<JsonNode> chooseTool(ToolUse use) {
    JsonNode tools = body.path("tools");
    JsonNode choice = body.path("tool_choice");
    if (tools.isEmpty() || use == ToolUse.NEVER || choice.stringValue("").equals("none")) {
      return Optional.empty();
    }
    String name = choice.at("/function/name").stringValue("");
    if (!name.isEmpty()) {
      return Optional.of(findTool(name, tools));
    }
    boolean calls =
        use == ToolUse.ALWAYS
            || choice.stringValue("").equals("required")
            || !isToolResult(lastMessage());
    return calls ? Optional.of(tools.path(0)) : Optional.empty();
  }

  private static JsonNode findTool(String name, JsonNode tools) {
    return tools
        .valueStream()
        .filter(tool -> tool.at("/function/name").stringValue("").equals(name))
        .findFirst()
        .orElseThrow(() ->
            new InvalidInputException("tool_choice", "names a function that is not in tools"));
  }

  private static Reply callTool(JsonNode function) {
    JsonNode schema = function.path("parameters");
    String arguments = schema.isObject() ? SchemaExample.of(schema, "text").toString() : "{}";
    return new Reply(Optional.of(function.path("name").stringValue("")), arguments);
  }

  private String text() {
    JsonNode format = body.path("response_format");
    return switch (format.path("type").stringValue("")) {
      case "json_schema" -> SchemaExample.of(format.at("/json_schema/schema"), "text").toString();
      case "json_object" -> body.objectNode().put("answer", echo()).toString();
      default -> echo();
    };
  }

  private String echo() {
    JsonNode last = lastMessage();
    String text = text(last);
    String quote =
        text.isEmpty()
            ? ""
            : (isToolResult(last) ? " Tool result: " : " Last message: ") + abbreviate(text);
    return "This is a simulated response; no model was called." + quote + describeImages(last);
  }

  private static String abbreviate(String text) {
    return text.codePointCount(0, text.length()) <= MAX_ECHO_LENGTH
        ? text
        : text.substring(0, text.offsetByCodePoints(0, MAX_ECHO_LENGTH)) + "…";
  }

  private static String describeImages(JsonNode message) {
    List<String> images =
        contentParts(message, "image_url")
            .map(part -> part.path("image_url"))
            .map(image -> image.path("url").stringValue(image.stringValue("")))
            .map(SimulatedChat::describeImage)
            .toList();
    return switch (images.size()) {
      case 0 -> "";
      case 1 -> " Received 1 image: %s.".formatted(images.getFirst());
      default -> " Received %d images: %s.".formatted(images.size(), String.join(", ", images));
    };
  }

  /// The type and size of an image in a data URL. Other URLs are not fetched.
  private static String describeImage(String url) {
    int comma = url.indexOf(',');
    if (!url.startsWith("data:") || comma < 0) {
      return "one given by URL, which was not fetched";
    }
    int parameters = url.indexOf(';', 0, comma);
    String type = url.substring("data:".length(), parameters < 0 ? comma : parameters);
    String data = url.substring(comma + 1);
    long padding = data.endsWith("==") ? 2 : data.endsWith("=") ? 1 : 0;
    return "%s of %d bytes".formatted(type, data.length() * 3L / 4 - padding);
  }

  /// The number of tokens of all messages.
  int promptTokens() {
    return body.path("messages")
        .valueStream()
        .mapToInt(message ->
            SimulatedTokenizer.count(text(message))
                + IMAGE_TOKENS * Math.toIntExact(contentParts(message, "image_url").count()))
        .sum();
  }

  /// The maximum number of completion tokens.
  Optional<Integer> maxTokens() {
    return Stream.of("max_completion_tokens", "max_tokens")
        .map(body::path)
        .filter(JsonNode::canConvertToInt)
        .map(JsonNode::intValue)
        .findFirst();
  }

  /// The stop sequences: a completion ends before the first of them.
  List<String> stopSequences() {
    JsonNode stop = body.path("stop");
    return (stop.isArray() ? stop.valueStream() : Stream.of(stop))
        .map(text -> text.stringValue(""))
        .filter(text -> !text.isEmpty())
        .toList();
  }

  String model() {
    return body.path("model").stringValue("");
  }

  boolean isStreaming() {
    return body.path("stream").booleanValue(false);
  }

  boolean includesUsage() {
    return body.path("stream_options").path("include_usage").booleanValue(false);
  }

  private JsonNode lastMessage() {
    JsonNode messages = body.path("messages");
    return messages.path(messages.size() - 1);
  }

  private static boolean isToolResult(JsonNode message) {
    return message.path("role").stringValue("").equals("tool");
  }

  private static String text(JsonNode message) {
    return message
        .path("content")
        .stringValueOpt()
        .orElseGet(() ->
            contentParts(message, "text")
                .map(part -> part.path("text").stringValue(""))
                .collect(Collectors.joining(" ")));
  }

  private static Stream<JsonNode> contentParts(JsonNode message, String type) {
    return message
        .path("content")
        .valueStream()
        .filter(part -> part.path("type").stringValue("").equals(type));
  }
}
