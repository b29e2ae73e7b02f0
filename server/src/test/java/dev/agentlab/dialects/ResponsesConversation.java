package dev.agentlab.dialects;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Conversations as requests of OpenAI's chats, and the same in the form of the Responses API.
final class ResponsesConversation {
  private ResponsesConversation() {}

  /// The chat of a seed, with only what both APIs have.
  static ObjectNode chat(long seed) {
    ObjectNode chat = ConversationGenerator.request(seed);
    chat.remove(
        List.of(
            "top_k", "stop", "seed", "presence_penalty", "frequency_penalty", "stream_options"));
    if (chat.has("max_tokens") && !chat.has("max_completion_tokens")) {
      chat.set("max_completion_tokens", chat.remove("max_tokens"));
    }
    chat.remove("max_tokens");
    ArrayNode messages = ProviderJson.array();
    for (JsonNode message : chat.path("messages")) {
      ObjectNode json = (ObjectNode) message;
      json.remove(List.of("name", "cache_control", "is_error"));
      for (String parts : List.of("content", "tool_calls")) {
        json.path(parts).forEach(part -> ((ObjectNode) part).remove("cache_control"));
      }
      boolean isAnswer = json.path("role").stringValue().equals("assistant");
      // Successive items of the model are one message.
      if (!isAnswer
          || !messages.path(messages.size() - 1).path("role").asString("").equals("assistant")) {
        messages.add(json);
      }
    }
    chat.set("messages", messages);
    chat.path("tools").forEach(tool -> ((ObjectNode) tool).remove("cache_control"));
    return chat;
  }

  /// A chat in the form of the Responses API.
  static ObjectNode response(ObjectNode chat) {
    ObjectNode request = ProviderJson.object();
    chat.forEachEntry((name, value) -> {
      switch (name) {
        case "max_completion_tokens" -> request.set("max_output_tokens", value);
        case "messages" -> items(value, request.putArray("input"));
        case "response_format" -> request.putObject("text").set("format", format(value));
        case "tools" -> value.forEach(tool -> request.withArrayProperty("tools").add(flat(tool)));
        case "tool_choice" -> request.set(name, choice(value));
        default -> request.set(name, value);
      }
    });
    return request;
  }

  /// A function with its fields beside its type.
  private static ObjectNode flat(JsonNode function) {
    return ProviderJson.object()
        .put("type", "function")
        .setAll((ObjectNode) function.path("function"));
  }

  private static JsonNode choice(JsonNode choice) {
    if (choice.has("function")) {
      return flat(choice);
    }
    if (!choice.has("allowed_tools")) {
      return choice;
    }
    ObjectNode allowed = ProviderJson.object().put("type", "allowed_tools");
    allowed.set("mode", choice.at("/allowed_tools/mode"));
    choice
        .at("/allowed_tools/tools")
        .forEach(tool -> allowed.withArrayProperty("tools").add(flat(tool)));
    return allowed;
  }

  private static JsonNode format(JsonNode format) {
    return format.has("json_schema")
        ? ProviderJson.object()
            .put("type", "json_schema")
            .setAll((ObjectNode) format.path("json_schema"))
        : format;
  }

  private static void items(JsonNode messages, ArrayNode input) {
    for (JsonNode message : messages) {
      switch (message.path("role").stringValue()) {
        case "assistant" -> answer(message, input);
        case "tool" ->
            input
                .addObject()
                .put("type", "function_call_output")
                .set("output", content(message.path("content")))
                .set("call_id", message.path("tool_call_id"));
        default ->
            input
                .addObject()
                .set("role", message.path("role"))
                .set("content", content(message.path("content")));
      }
    }
  }

  private static void answer(JsonNode message, ArrayNode input) {
    if (message.has("reasoning_content") || message.has("extra_content")) {
      ObjectNode reasoning = input.addObject().put("type", "reasoning");
      ArrayNode summary = reasoning.putArray("summary");
      summary.addObject().put("type", "summary_text").set("text", text(message));
      carrier(message, Optional.empty()).ifPresent(it -> reasoning.put("encrypted_content", it));
    }
    JsonNode content = message.path("content");
    if (!content.isNull() && !content.isMissingNode()) {
      input.addObject().put("role", "assistant").set("content", content(content));
    }
    if (message.has("refusal")) {
      ObjectNode refusal = input.addObject().put("role", "assistant");
      refusal
          .putArray("content")
          .addObject()
          .put("type", "refusal")
          .set("refusal", message.path("refusal"));
    }
    for (JsonNode call : message.path("tool_calls")) {
      carrier(call, Optional.of(call.path("id").stringValue()))
          .ifPresent(it -> input.addObject().put("type", "reasoning").put("encrypted_content", it));
      input
          .addObject()
          .put("type", "function_call")
          .set("call_id", call.path("id"))
          .setAll((ObjectNode) call.path("function"));
    }
  }

  private static JsonNode text(JsonNode message) {
    return ProviderJson.object().stringNode(message.path("reasoning_content").stringValue(""));
  }

  private static Optional<String> carrier(JsonNode element, Optional<String> call) {
    return element.path("extra_content") instanceof ObjectNode byVendor
        ? Optional.of(ReplayCarrier.encode(byVendor, call))
        : Optional.empty();
  }

  private static JsonNode content(JsonNode content) {
    if (!content.isArray()) {
      return content;
    }
    ArrayNode parts = ProviderJson.array();
    for (JsonNode part : content) {
      ObjectNode json = parts.addObject();
      switch (part.path("type").stringValue()) {
        case "image_url" -> {
          json.put("type", "input_image").set("image_url", part.at("/image_url/url"));
          if (part.path("image_url").has("detail")) {
            json.set("detail", part.at("/image_url/detail"));
          }
        }
        case "file" -> json.put("type", "input_file").setAll((ObjectNode) part.path("file"));
        default -> json.put("type", "input_text").set("text", part.path("text"));
      }
    }
    return parts;
  }
}
