package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatMessage;
import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.ChatTool;
import dev.agentlab.conversation.ContentPart;
import dev.agentlab.conversation.ContentPart.AudioPart;
import dev.agentlab.conversation.ContentPart.FilePart;
import dev.agentlab.conversation.ContentPart.ImagePart;
import dev.agentlab.conversation.ContentPart.ReasoningPart;
import dev.agentlab.conversation.ContentPart.RefusalPart;
import dev.agentlab.conversation.ContentPart.ReplayPart;
import dev.agentlab.conversation.ContentPart.TextPart;
import dev.agentlab.conversation.ContentPart.ToolCallPart;
import dev.agentlab.conversation.ContentPart.ToolResultPart;
import dev.agentlab.conversation.ContentPart.VendorPart;
import dev.agentlab.conversation.Extensions;
import dev.agentlab.conversation.MediaSource;
import dev.agentlab.conversation.MediaSource.InlineData;
import dev.agentlab.conversation.MediaSource.UploadedFile;
import dev.agentlab.conversation.MediaSource.UrlReference;
import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.MessageRole;
import dev.agentlab.conversation.OutputFormat;
import dev.agentlab.conversation.RequestOption;
import dev.agentlab.conversation.ToolChoice;
import dev.agentlab.conversation.UnreadMembers;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes a request for a provider of the OpenAI family
/// (https://platform.openai.com/docs/api-reference/chat).
final class ChatCompletionsRequestWriter {
  private static final String TYPE = "type";
  private static final String FUNCTION = "function";
  private static final String CONTENT = "content";

  private final ChatRequest request;
  private final TranslationWarnings warnings;
  private final ObjectNode body = ProviderJson.object();

  /// @param warnings collects the warnings about what the API has no equivalent for
  ChatCompletionsRequestWriter(ChatRequest request, TranslationWarnings warnings) {
    this.request = request;
    this.warnings = warnings;
  }

  ObjectNode json() {
    body.put("model", request.model().value());
    ArrayNode messages = body.putArray("messages");
    request.messages().forEach(message -> write(message, messages));
    if (request.isStreaming()) {
      body.put("stream", true);
    }
    if (!request.tools().isEmpty()) {
      ArrayNode tools = body.putArray("tools");
      request.tools().forEach(tool -> tools.add(tool(tool)));
    }
    request.toolChoice().ifPresent(choice -> body.set("tool_choice", toolChoice(choice.value())));
    request
        .outputFormat()
        .ifPresent(format -> body.set("response_format", outputFormat(format.value())));
    request.options().forEach(this::option);
    addUnread(request.unread(), body);
    return body;
  }

  private void option(RequestOption option, Member<JsonNode> member) {
    switch (option) {
      // Providers that know only one of the two names must receive the one that the client chose.
      case MAX_TOKENS ->
          body.set(
              member.path().equals("max_tokens") ? "max_tokens" : "max_completion_tokens",
              member.value());
      case STOP_SEQUENCES -> body.set("stop", member.value());
      case REASONING_BUDGET ->
          warnings.addIgnored(member.path(), "the API has no limit on reasoning tokens");
      default ->
          body.set(
              Optional.ofNullable(ChatCompletions.OPTIONS.get(option)).orElseThrow(),
              member.value());
    }
  }

  private void write(ChatMessage message, ArrayNode messages) {
    List<ContentPart> own =
        message.content().stream().filter(part -> !(part instanceof ToolResultPart)).toList();
    // Each result of a tool is a message of its own in this API.
    for (ContentPart part : message.content()) {
      if (part instanceof ToolResultPart result) {
        addNameAndUnread(message, writeResult(result, messages));
      }
    }
    if (message.role() != MessageRole.TOOL && (!own.isEmpty() || message.content().isEmpty())) {
      ObjectNode json =
          messages.addObject().put("role", message.role().name().toLowerCase(Locale.ROOT));
      if (message.role() == MessageRole.ASSISTANT) {
        writeAssistant(own, json);
      } else {
        json.set(CONTENT, content(own));
      }
      addNameAndUnread(message, json);
    }
  }

  private static void addNameAndUnread(ChatMessage message, ObjectNode json) {
    message.name().ifPresent(name -> json.put("name", name.value()));
    addUnread(message.unread(), json);
  }

  private ObjectNode writeResult(ToolResultPart result, ArrayNode messages) {
    ObjectNode json =
        messages
            .addObject()
            .put("role", "tool")
            .put("tool_call_id", result.callId().value())
            .set(CONTENT, content(result.content().value()));
    result.isError().ifPresent(isError -> json.put("is_error", isError.value()));
    addExtensions(result.extensions(), json);
    return json;
  }

  private void writeAssistant(List<ContentPart> parts, ObjectNode json) {
    List<ContentPart> content =
        parts.stream()
            .filter(part ->
                part instanceof TextPart
                    || part instanceof ImagePart
                    || part instanceof FilePart
                    || part instanceof AudioPart
                    || part instanceof VendorPart)
            .toList();
    if (!content.isEmpty()) {
      json.set(CONTENT, content(content));
    }
    StringBuilder reasoning = new StringBuilder();
    for (ContentPart part : parts) {
      switch (part) {
        case ReasoningPart it -> reasoning.append(it.text());
        case ReplayPart it -> json.set(ChatCompletions.EXTRA_CONTENT, it.data().byVendor());
        case RefusalPart it -> json.put("refusal", it.text());
        case ToolCallPart it -> json.withArrayProperty("tool_calls").add(toolCall(it));
        default -> {}
      }
    }
    if (!reasoning.isEmpty()) {
      json.put("reasoning_content", reasoning.toString());
    }
  }

  private static ObjectNode toolCall(ToolCallPart call) {
    ObjectNode json = ProviderJson.object().put("id", call.id()).put(TYPE, FUNCTION);
    json.putObject(FUNCTION).put("name", call.name()).put("arguments", call.arguments().value());
    call.replayData().ifPresent(data -> json.set(ChatCompletions.EXTRA_CONTENT, data.byVendor()));
    addExtensions(call.extensions(), json, FUNCTION);
    return json;
  }

  /// The content as a string if it is only one text, which every compatible API accepts.
  private JsonNode content(List<ContentPart> parts) {
    if (parts.size() == 1
        && parts.getFirst() instanceof TextPart(_, String text, Extensions extensions)
        && extensions.equals(Extensions.NONE)) {
      return ProviderJson.object().stringNode(text);
    }
    ArrayNode list = ProviderJson.array();
    parts.forEach(part -> list.add(part(part)));
    return list;
  }

  private JsonNode part(ContentPart part) {
    ObjectNode json = ProviderJson.object();
    switch (part) {
      case TextPart it -> {
        json.put(TYPE, "text").put("text", it.text());
        addExtensions(it.extensions(), json);
      }
      case ReasoningPart it -> json.put(TYPE, "text").put("text", it.text());
      case RefusalPart it -> {
        json.put(TYPE, "refusal").put("refusal", it.text());
        addExtensions(it.extensions(), json);
      }
      case ImagePart it -> {
        ObjectNode image = json.put(TYPE, "image_url").putObject("image_url");
        image.put("url", url(it.source().value()));
        it.detail().ifPresent(detail -> image.put("detail", detail.value()));
        addExtensions(it.extensions(), json, "image_url");
      }
      case FilePart it -> {
        ObjectNode file = json.put(TYPE, "file").putObject("file");
        if (it.source().value() instanceof UploadedFile(String id)) {
          file.put("file_id", id);
        } else {
          file.put("file_data", url(it.source().value()));
        }
        it.fileName().ifPresent(name -> file.put("filename", name.value()));
        addExtensions(it.extensions(), json, "file");
      }
      case AudioPart it -> {
        ObjectNode audio = json.put(TYPE, "input_audio").putObject("input_audio");
        audio.put("data", it.base64()).put("format", it.format());
        addExtensions(it.extensions(), json, "input_audio");
      }
      case VendorPart it -> {
        return it.content();
      }
      case ToolCallPart _, ToolResultPart _, ReplayPart _ -> {
        warnings.addIgnored(part.path(), "the API has no such content in this message");
        json.put(TYPE, "text").put("text", "");
      }
    }
    return json;
  }

  private static String url(MediaSource source) {
    return switch (source) {
      case InlineData(String mediaType, String base64) -> "data:" + mediaType + ";base64," + base64;
      case UrlReference(String url) -> url;
      case UploadedFile(String id) -> id;
    };
  }

  private static JsonNode tool(ChatTool tool) {
    if (!(tool instanceof ChatTool.FunctionTool function)) {
      return ((ChatTool.VendorTool) tool).definition();
    }
    ObjectNode json = ProviderJson.object().put(TYPE, FUNCTION);
    ObjectNode definition = json.putObject(FUNCTION).put("name", function.name());
    function.description().ifPresent(text -> definition.put("description", text));
    function.parameters().ifPresent(schema -> definition.set("parameters", schema.value()));
    function.strict().ifPresent(strict -> definition.put("strict", strict.value()));
    addExtensions(function.extensions(), json, FUNCTION);
    return json;
  }

  private static JsonNode toolChoice(ToolChoice choice) {
    ObjectNode json = ProviderJson.object();
    return switch (choice) {
      case ToolChoice.AutomaticChoice() -> json.stringNode("auto");
      case ToolChoice.NoTool() -> json.stringNode("none");
      case ToolChoice.AnyTool() -> json.stringNode("required");
      case ToolChoice.NamedFunction(String name) -> function(name);
      case ToolChoice.AllowedFunctions(boolean isRequired, List<String> names) -> {
        ObjectNode allowed = json.put(TYPE, "allowed_tools").putObject("allowed_tools");
        ArrayNode tools = allowed.put("mode", isRequired ? "required" : "auto").putArray("tools");
        names.forEach(name -> tools.add(function(name)));
        yield json;
      }
      case ToolChoice.VendorChoice(JsonNode definition) -> definition;
    };
  }

  private static ObjectNode function(String name) {
    ObjectNode json = ProviderJson.object().put(TYPE, FUNCTION);
    json.putObject(FUNCTION).put("name", name);
    return json;
  }

  private static JsonNode outputFormat(OutputFormat format) {
    ObjectNode json = ProviderJson.object();
    return switch (format) {
      case OutputFormat.PlainText() -> json.put(TYPE, "text");
      case OutputFormat.AnyJson _ -> json.put(TYPE, "json_object");
      case OutputFormat.SchemaJson schema -> {
        ObjectNode definition = json.put(TYPE, "json_schema").putObject("json_schema");
        schema.name().ifPresent(name -> definition.put("name", name));
        schema.description().ifPresent(text -> definition.put("description", text));
        schema.strict().ifPresent(strict -> definition.put("strict", strict));
        definition.set("schema", schema.schema());
        addExtensions(new Extensions(Optional.empty(), schema.unread()), json, "json_schema");
        yield json;
      }
      case OutputFormat.VendorFormat vendor -> vendor.definition();
    };
  }

  private static void addExtensions(Extensions extensions, ObjectNode json) {
    extensions.cacheMarker().ifPresent(marker -> json.set("cache_control", marker.definition()));
    addUnread(extensions.unread(), json);
  }

  private static void addExtensions(Extensions extensions, ObjectNode json, String inner) {
    addExtensions(extensions, json);
    extensions
        .unread()
        .inner()
        .ifPresent(unread -> addUnread(unread, json.withObjectProperty(inner)));
  }

  private static void addUnread(UnreadMembers unread, ObjectNode json) {
    unread
        .members()
        .forEachEntry((name, value) -> {
          if (!json.has(name)) {
            json.set(name, value);
          }
        });
  }
}
