package dev.agentlab.dialects;

import dev.agentlab.conversation.CacheMarker;
import dev.agentlab.conversation.ChatMessage;
import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.ChatTool;
import dev.agentlab.conversation.ContentPart;
import dev.agentlab.conversation.Extensions;
import dev.agentlab.conversation.MediaSource;
import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.MessageRole;
import dev.agentlab.conversation.OutputFormat;
import dev.agentlab.conversation.ReplayData;
import dev.agentlab.conversation.RequestOption;
import dev.agentlab.conversation.ToolChoice;
import dev.agentlab.errors.InvalidInputException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads a client's request in OpenAI's dialect
/// (https://platform.openai.com/docs/api-reference/chat).
///
/// Members of other vendors are accepted where clients send them: `cache_control` and `is_error` of
/// Anthropic, `top_k`, and `extra_content` with data of earlier responses. Parts and tools of other
/// types are kept as they came.
final class ChatCompletionsRequestReader {
  private final RequestMemberReader members;
  private final Map<RequestOption, Member<JsonNode>> options = new EnumMap<>(RequestOption.class);

  private ChatCompletionsRequestReader(ObjectNode body) {
    members = RequestMemberReader.of(body);
  }

  /// @throws InvalidInputException if the request is not valid, or uses deprecated members; names
  ///   the member
  static ChatRequest read(ObjectNode body) {
    return new ChatCompletionsRequestReader(body).read();
  }

  /// Reads the members that a request has where it has none of its own.
  ///
  /// @throws InvalidInputException as for [#read]
  static ChatRequest readDefaults(String model, ObjectNode defaults) {
    ChatCompletionsRequestReader reader = new ChatCompletionsRequestReader(defaults);
    List<ChatMessage> messages = defaults.has("messages") ? reader.messages() : List.of();
    return reader.read(new Member<>("model", model), messages);
  }

  private ChatRequest read() {
    Member<String> model = new Member<>("model", members.required("model"));
    return read(model, messages());
  }

  private ChatRequest read(Member<String> model, List<ChatMessage> messages) {
    boolean isStreaming = members.take("stream").booleanValue(false);
    maxTokens();
    stopSequences();
    ChatCompletions.OPTIONS.forEach((option, name) -> members.option(option, name, options));
    List<ChatTool> tools = tools();
    Optional<Member<ToolChoice>> toolChoice = toolChoice();
    Optional<Member<OutputFormat>> outputFormat = outputFormat();
    members.reject("functions", "is deprecated and not supported: use tools");
    members.reject("function_call", "is deprecated and not supported: use tool_choice");
    return new ChatRequest(
        model,
        isStreaming,
        messages,
        tools,
        toolChoice,
        outputFormat,
        options,
        members.unread(),
        Optional.empty());
  }

  /// The deprecated member has no effect beside the other one.
  private void maxTokens() {
    JsonNode deprecated = members.number("max_tokens");
    JsonNode limit = members.number("max_completion_tokens");
    if (limit.isNumber()) {
      options.put(RequestOption.MAX_TOKENS, new Member<>("max_completion_tokens", limit));
    } else if (deprecated.isNumber()) {
      options.put(RequestOption.MAX_TOKENS, new Member<>("max_tokens", deprecated));
    }
  }

  private void stopSequences() {
    JsonNode stop = members.take("stop");
    if (stop.isMissingNode()) {
      return;
    }
    JsonNode list = stop.isString() ? ProviderJson.array().add(stop) : stop;
    if (!list.isArray() || !list.valueStream().allMatch(JsonNode::isString)) {
      throw members.invalid("stop", "must be a string or an array of strings");
    }
    options.put(RequestOption.STOP_SEQUENCES, new Member<>("stop", list));
  }

  private List<ChatMessage> messages() {
    JsonNode list = members.take("messages");
    if (!list.isArray() || list.isEmpty()) {
      throw members.invalid("messages", "must be a non-empty array of messages");
    }
    List<ChatMessage> messages = new ArrayList<>(list.size());
    for (int i = 0; i < list.size(); i++) {
      String path = "messages[" + i + "]";
      messages.add(message(path, members.nested(path, list.path(i))));
    }
    return messages;
  }

  private static ChatMessage message(String path, RequestMemberReader message) {
    MessageRole role =
        switch (message.required("role")) {
          case "system" -> MessageRole.SYSTEM;
          case "developer" -> MessageRole.DEVELOPER;
          case "user" -> MessageRole.USER;
          case "assistant" -> MessageRole.ASSISTANT;
          case "tool" -> MessageRole.TOOL;
          default ->
              throw message.invalid("role", "must be system, developer, user, assistant or tool");
        };
    List<ContentPart> parts =
        switch (role) {
          case SYSTEM, DEVELOPER, USER -> content(message, message.take("content"));
          case ASSISTANT -> assistantContent(message);
          case TOOL -> List.of(toolResult(path, message));
        };
    Optional<Member<String>> name =
        message.text("name").map(value -> new Member<>(message.path("name"), value));
    return new ChatMessage(path, role, parts, name, message.unread());
  }

  private static List<ContentPart> assistantContent(RequestMemberReader message) {
    message.reject("function_call", "is deprecated and not supported: use tool_calls");
    message.reject("audio", "is not supported: put the transcript in content");
    JsonNode calls = message.list("tool_calls");
    List<ContentPart> parts = new ArrayList<>();
    message
        .text("reasoning_content")
        .filter(text -> !text.isEmpty())
        .ifPresent(text ->
            parts.add(
                new ContentPart.ReasoningPart(
                    message.path("reasoning_content"), text, Optional.empty())));
    replayData(message).ifPresent(data -> parts.add(new ContentPart.ReplayPart(data)));
    JsonNode content = message.take("content");
    if (!content.isMissingNode()) {
      parts.addAll(content(message, content));
    }
    message
        .text("refusal")
        .ifPresent(text ->
            parts.add(new ContentPart.RefusalPart(message.path("refusal"), text, Extensions.NONE)));
    for (int i = 0; i < calls.size(); i++) {
      String path = "tool_calls[" + i + "]";
      parts.add(toolCall(message.path(path), message.nested(path, calls.path(i))));
    }
    return parts;
  }

  private static Optional<ReplayData> replayData(RequestMemberReader element) {
    return element.peek(ChatCompletions.EXTRA_CONTENT) instanceof ObjectNode
            && element.take(ChatCompletions.EXTRA_CONTENT) instanceof ObjectNode byVendor
        ? Optional.of(new ReplayData(element.path(ChatCompletions.EXTRA_CONTENT), byVendor))
        : Optional.empty();
  }

  private static ContentPart toolCall(String path, RequestMemberReader call) {
    if (!call.text("type").orElse("function").equals("function")) {
      throw call.invalid("type", "must be function");
    }
    String id = call.required("id");
    RequestMemberReader function = call.nested("function", call.take("function"));
    String name = function.required("name");
    Member<String> arguments =
        new Member<>(function.path("arguments"), function.text("arguments").orElse(""));
    Optional<ReplayData> replayData = replayData(call);
    // The position of the call, which clients copy from a stream.
    call.take("index");
    return new ContentPart.ToolCallPart(
        path, id, name, arguments, replayData, extensions(call, Optional.of(function)));
  }

  private static ContentPart toolResult(String path, RequestMemberReader message) {
    Member<String> callId =
        new Member<>(message.path("tool_call_id"), message.required("tool_call_id"));
    JsonNode content = message.take("content");
    List<ContentPart> parts = content.isMissingNode() ? List.of() : content(message, content);
    Optional<Member<Boolean>> isError = Optional.empty();
    if (message.peek("is_error").isBoolean()) {
      isError =
          Optional.of(new Member<>(message.path("is_error"), message.flag("is_error", false)));
    }
    return new ContentPart.ToolResultPart(
        path,
        callId,
        new Member<>(message.path("content"), parts),
        isError,
        new Extensions(cacheMarker(message), Extensions.NONE.unread()));
  }

  private static List<ContentPart> content(RequestMemberReader message, JsonNode content) {
    if (content.isString()) {
      return List.of(
          new ContentPart.TextPart(
              message.path("content"), content.stringValue(), Extensions.NONE));
    }
    if (!content.isArray()) {
      throw message.invalid("content", "must be a string or an array of content parts");
    }
    List<ContentPart> parts = new ArrayList<>(content.size());
    for (int i = 0; i < content.size(); i++) {
      String path = "content[" + i + "]";
      parts.add(part(message.path(path), message.nested(path, content.path(i)), content.path(i)));
    }
    return parts;
  }

  private static ContentPart part(String path, RequestMemberReader part, JsonNode original) {
    Optional<String> type = part.text("type");
    return switch (type.orElse("")) {
      case "text" -> {
        String text = part.text("text").orElseThrow(() -> part.invalid("text", "is required"));
        yield new ContentPart.TextPart(path, text, extensions(part, Optional.empty()));
      }
      case "refusal" -> {
        String text = part.text("refusal").orElse("");
        yield new ContentPart.RefusalPart(path, text, extensions(part, Optional.empty()));
      }
      case "image_url" -> {
        RequestMemberReader image = part.nested("image_url", part.take("image_url"));
        Member<MediaSource> source =
            new Member<>(image.path("url"), mediaSource(image.required("url")));
        Optional<Member<String>> detail =
            image.text("detail").map(value -> new Member<>(image.path("detail"), value));
        yield new ContentPart.ImagePart(path, source, detail, extensions(part, Optional.of(image)));
      }
      case "file" -> {
        RequestMemberReader file = part.nested("file", part.take("file"));
        Member<MediaSource> source = fileSource(file);
        Optional<Member<String>> name =
            file.text("filename").map(value -> new Member<>(file.path("filename"), value));
        yield new ContentPart.FilePart(path, source, name, extensions(part, Optional.of(file)));
      }
      case "input_audio" -> {
        RequestMemberReader audio = part.nested("input_audio", part.take("input_audio"));
        yield new ContentPart.AudioPart(
            path,
            part.path("type"),
            audio.required("format"),
            audio.required("data"),
            extensions(part, Optional.of(audio)));
      }
      default -> new ContentPart.VendorPart(path, type, original);
    };
  }

  private static Member<MediaSource> fileSource(RequestMemberReader file) {
    return file.peek("file_id").isMissingNode()
        ? new Member<>(file.path("file_data"), mediaSource(file.required("file_data")))
        : new Member<>(
            file.path("file_id"), new MediaSource.UploadedFile(file.required("file_id")));
  }

  /// The source that a URL stands for: the data in it, or a reference.
  static MediaSource mediaSource(String url) {
    return DataUrl.parse(url)
        .<MediaSource>map(data -> new MediaSource.InlineData(data.type(), data.base64()))
        .orElseGet(() -> new MediaSource.UrlReference(url));
  }

  /// @param inner the object inside the element that has its fields
  private static Extensions extensions(
      RequestMemberReader element, Optional<RequestMemberReader> inner) {
    Optional<CacheMarker> marker = cacheMarker(element);
    return new Extensions(marker, inner.map(element::unread).orElseGet(element::unread));
  }

  private static Optional<CacheMarker> cacheMarker(RequestMemberReader element) {
    JsonNode marker = element.take("cache_control");
    return marker.isMissingNode()
        ? Optional.empty()
        : Optional.of(new CacheMarker(element.path("cache_control"), marker));
  }

  private List<ChatTool> tools() {
    JsonNode list = members.list("tools");
    List<ChatTool> tools = new ArrayList<>(list.size());
    for (int i = 0; i < list.size(); i++) {
      String path = "tools[" + i + "]";
      tools.add(tool(path, members.nested(path, list.path(i)), list.path(i)));
    }
    return tools;
  }

  private static ChatTool tool(String path, RequestMemberReader tool, JsonNode original) {
    Optional<String> type = tool.text("type");
    if (!type.equals(Optional.of("function"))) {
      return new ChatTool.VendorTool(path, type, original);
    }
    RequestMemberReader function = tool.nested("function", tool.take("function"));
    String name = function.required("name");
    Optional<String> description = function.text("description");
    JsonNode schema = function.take("parameters");
    Optional<Member<JsonNode>> parameters =
        schema.isMissingNode()
            ? Optional.empty()
            : Optional.of(new Member<>(function.path("parameters"), schema));
    Optional<Member<Boolean>> strict =
        function.peek("strict").isMissingNode()
            ? Optional.empty()
            : Optional.of(new Member<>(function.path("strict"), function.flag("strict", false)));
    return new ChatTool.FunctionTool(
        path, name, description, parameters, strict, extensions(tool, Optional.of(function)));
  }

  private Optional<Member<ToolChoice>> toolChoice() {
    JsonNode choice = members.take("tool_choice");
    return choice.isMissingNode()
        ? Optional.empty()
        : Optional.of(new Member<>(members.path("tool_choice"), toolChoice(choice)));
  }

  private ToolChoice toolChoice(JsonNode choice) {
    String type = choice.path("type").stringValue("");
    return switch (isOnlyType(choice) ? choice.stringValue(type) : "") {
      case "auto" -> new ToolChoice.AutomaticChoice();
      case "none" -> new ToolChoice.NoTool();
      case "required" -> new ToolChoice.AnyTool();
      default ->
          switch (type) {
            case "function" -> new ToolChoice.NamedFunction(functionName(choice));
            case "allowed_tools" -> {
              JsonNode allowed = choice.path("allowed_tools");
              yield new ToolChoice.AllowedFunctions(
                  allowed.path("mode").stringValue("").equals("required"),
                  allowed.path("tools").valueStream().map(this::functionName).toList());
            }
            default -> new ToolChoice.VendorChoice(choice);
          };
    };
  }

  private static boolean isOnlyType(JsonNode choice) {
    return choice.isString() || choice.size() == 1;
  }

  private String functionName(JsonNode choice) {
    return choice
        .at("/function/name")
        .stringValueOpt()
        .filter(name -> !name.isEmpty())
        .orElseThrow(() -> members.invalid("tool_choice", "must name a function in function.name"));
  }

  private Optional<Member<OutputFormat>> outputFormat() {
    JsonNode format = members.object("response_format");
    return format.isMissingNode()
        ? Optional.empty()
        : Optional.of(new Member<>(members.path("response_format"), outputFormat(format)));
  }

  private OutputFormat outputFormat(JsonNode format) {
    String typePath = members.path("response_format.type");
    return switch (format.path("type").stringValue("text")) {
      case "text" -> new OutputFormat.PlainText();
      case "json_object" -> new OutputFormat.AnyJson(typePath);
      case "json_schema" -> schemaFormat(format);
      default -> new OutputFormat.VendorFormat(typePath, format);
    };
  }

  private OutputFormat schemaFormat(JsonNode format) {
    if (!(format.at("/json_schema/schema") instanceof ObjectNode schema)) {
      throw members.invalid("response_format.json_schema.schema", "must be an object");
    }
    RequestMemberReader outer = members.nested("response_format", format);
    outer.take("type");
    RequestMemberReader inner = outer.nested("json_schema", outer.take("json_schema"));
    inner.take("schema");
    return new OutputFormat.SchemaJson(
        inner.take("name").stringValueOpt(),
        inner.take("description").stringValueOpt(),
        schema,
        inner.take("strict").booleanValueOpt(),
        outer.unread(inner));
  }
}
