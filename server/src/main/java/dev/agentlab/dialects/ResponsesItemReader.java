package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatMessage;
import dev.agentlab.conversation.ContentPart;
import dev.agentlab.conversation.Extensions;
import dev.agentlab.conversation.MediaSource;
import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.MessageRole;
import dev.agentlab.conversation.ReplayData;
import dev.agentlab.conversation.UnreadMembers;
import dev.agentlab.dialects.ResponsesToolNames.Kind;
import dev.agentlab.dialects.ResponsesToolNames.Tool;
import dev.agentlab.errors.InvalidInputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads the items of the input of a client's request of the Responses API as messages.
///
/// Successive items of the model are one message. The result of a call follows the message with the
/// call, also if the user has written something between them: most providers require it there.
final class ResponsesItemReader {
  private static final String CONTENT = "content";
  private static final String OUTPUT = "output";

  private final RequestMemberReader request;
  private final ResponsesToolNames names;
  private final List<Message> messages = new ArrayList<>();

  /// The messages with calls, by id of the call.
  private final Map<String, Message> callers = new HashMap<>();

  /// The data that [ReplayCarrier] items have for later tool calls, by id of the call.
  private final Map<String, ReplayData> dataByCall = new HashMap<>();

  /// A message that later items may extend.
  private static final class Message {
    private final String path;
    private final MessageRole role;
    private final List<ContentPart> parts = new ArrayList<>();

    /// The messages with results of its calls, which follow it.
    private final List<Message> results = new ArrayList<>();

    /// The items whose rest is that of the message.
    private final List<RequestMemberReader> items = new ArrayList<>();

    private Message(String path, MessageRole role) {
      this.path = path;
      this.role = role;
    }

    private ChatMessage toChatMessage() {
      UnreadMembers unread =
          items.isEmpty()
              ? UnreadMembers.NONE
              : items
                  .getFirst()
                  .unread(items.subList(1, items.size()).toArray(RequestMemberReader[]::new));
      return new ChatMessage(path, role, parts, Optional.empty(), unread);
    }
  }

  ResponsesItemReader(RequestMemberReader request, ResponsesToolNames names) {
    this.request = request;
    this.names = names;
  }

  /// Reads the instructions and the input.
  ///
  /// @param input the member `input`
  /// @throws InvalidInputException if an item is not valid; names the member
  List<ChatMessage> read(JsonNode input) {
    request
        .text("instructions")
        .filter(text -> !text.isEmpty())
        .ifPresent(
            text -> add("instructions", MessageRole.SYSTEM).parts.add(text("instructions", text)));
    if (input.isString()) {
      add("input", MessageRole.USER).parts.add(text("input", input.stringValue()));
    } else if (input.isArray()) {
      for (int i = 0; i < input.size(); i++) {
        String path = "input[" + i + "]";
        read(path, request.nested(path, input.path(i)), input.path(i));
      }
    }
    boolean hasInput = messages.stream().anyMatch(it -> !it.path.equals("instructions"));
    if (!hasInput) {
      throw request.invalid("input", "must be a string or a non-empty array of items");
    }
    return messages.stream()
        .flatMap(message -> Stream.concat(Stream.of(message), message.results.stream()))
        .map(Message::toChatMessage)
        .toList();
  }

  private static ContentPart text(String path, String text) {
    return new ContentPart.TextPart(path, text, Extensions.NONE);
  }

  private Message add(String path, MessageRole role) {
    Message message = new Message(path, role);
    messages.add(message);
    return message;
  }

  /// The last message, if it is the model's and has no results, and otherwise a new one.
  private Message ofModel(String path) {
    return !messages.isEmpty()
            && messages.getLast().role == MessageRole.ASSISTANT
            && messages.getLast().results.isEmpty()
        ? messages.getLast()
        : add(path, MessageRole.ASSISTANT);
  }

  private void read(String path, RequestMemberReader item, JsonNode original) {
    String type = item.text("type").orElseGet(() -> defaultType(item));
    if (type.equals("item_reference")) {
      throw request.invalid(
          path, "refers to an item that is not stored here: send the item itself");
    }
    item.take("id");
    item.take("status");
    switch (type) {
      case "message" -> readMessage(path, item);
      case "reasoning" -> readReasoning(path, item);
      case "function_call" -> readFunctionCall(path, item);
      case "custom_tool_call" ->
          addCall(path, item, tool(Kind.CUSTOM, item), argumentsOfInput(item, "input"));
      case "tool_search_call" -> readToolSearch(path, item, original);
      case "function_call_output", "custom_tool_call_output" -> readOutput(path, item);
      case ResponsesToolNames.TOOL_SEARCH_OUTPUT -> readFoundTools(path, item);
      // Its tools are read with the others.
      case ResponsesToolNames.ADDITIONAL_TOOLS -> {}
      default -> readOther(path, type, original);
    }
  }

  private static String defaultType(RequestMemberReader item) {
    if (!item.peek("role").isMissingNode()) {
      return "message";
    }
    if (!item.peek("id").isMissingNode()) {
      return "item_reference";
    }
    throw item.invalid("type", "is required");
  }

  private void readMessage(String path, RequestMemberReader item) {
    // Whether the model has commented on its work, or answered.
    item.take("phase");
    MessageRole role =
        switch (item.required("role")) {
          case "user" -> MessageRole.USER;
          case "assistant" -> MessageRole.ASSISTANT;
          case "system" -> MessageRole.SYSTEM;
          case "developer" -> MessageRole.DEVELOPER;
          default -> throw item.invalid("role", "must be user, assistant, system or developer");
        };
    Message message = role == MessageRole.ASSISTANT ? ofModel(path) : add(path, role);
    message.parts.addAll(content(item, CONTENT));
    message.items.add(item);
  }

  /// Reads a string, or parts.
  private static List<ContentPart> content(RequestMemberReader item, String name) {
    JsonNode content = item.take(name);
    if (content.isString()) {
      return List.of(text(item.path(name), content.stringValue()));
    }
    if (!content.isArray()) {
      throw item.invalid(name, "must be a string or an array of content parts");
    }
    List<ContentPart> parts = new ArrayList<>(content.size());
    for (int i = 0; i < content.size(); i++) {
      String path = name + "[" + i + "]";
      parts.add(part(item.path(path), item.nested(path, content.path(i)), content.path(i)));
    }
    return parts;
  }

  private static ContentPart part(String path, RequestMemberReader part, JsonNode original) {
    String type = part.required("type");
    return switch (type) {
      case "input_text", "output_text", "text" -> {
        // What the response had beside the text.
        part.take("annotations");
        part.take("logprobs");
        String text = part.text("text").orElseThrow(() -> part.invalid("text", "is required"));
        yield new ContentPart.TextPart(path, text, extensions(part));
      }
      case "refusal" ->
          new ContentPart.RefusalPart(path, part.text("refusal").orElse(""), extensions(part));
      case "input_image" -> {
        Member<MediaSource> source = source(part, "image_url");
        Optional<Member<String>> detail =
            part.text("detail").map(value -> new Member<>(part.path("detail"), value));
        yield new ContentPart.ImagePart(path, source, detail, extensions(part));
      }
      case "input_file" -> {
        Member<MediaSource> source =
            source(part, part.peek("file_url").isMissingNode() ? "file_data" : "file_url");
        Optional<Member<String>> name =
            part.text("filename").map(value -> new Member<>(part.path("filename"), value));
        yield new ContentPart.FilePart(path, source, name, extensions(part));
      }
      case "input_audio" -> {
        RequestMemberReader audio = part.nested("input_audio", part.take("input_audio"));
        yield new ContentPart.AudioPart(
            path,
            part.path("type"),
            audio.required("format"),
            audio.required("data"),
            new Extensions(Optional.empty(), part.unread(audio)));
      }
      default -> new ContentPart.VendorPart(path, Optional.of(type), original);
    };
  }

  /// The source of an image or a file: an uploaded file, or the URL in a member.
  private static Member<MediaSource> source(RequestMemberReader part, String url) {
    return part.peek("file_id").isMissingNode()
        ? new Member<>(part.path(url), ChatCompletionsRequestReader.mediaSource(part.required(url)))
        : new Member<>(
            part.path("file_id"), new MediaSource.UploadedFile(part.required("file_id")));
  }

  private static Extensions extensions(RequestMemberReader element) {
    return new Extensions(Optional.empty(), element.unread());
  }

  /// Reads readable reasoning, and data to replay. What OpenAI has encrypted only OpenAI can read:
  /// without it, the summary is of no use either.
  private void readReasoning(String path, RequestMemberReader item) {
    String text = texts(item, CONTENT);
    String summary = texts(item, "summary");
    String readable = text.isEmpty() ? summary : text;
    Optional<String> encrypted = item.text("encrypted_content").filter(it -> !it.isEmpty());
    Optional<ReplayCarrier.Carried> carried = encrypted.flatMap(ReplayCarrier::decode);
    Message message = ofModel(path);
    message.items.add(item);
    List<ContentPart> parts = message.parts;
    String encryptedPath = item.path("encrypted_content");
    if (encrypted.isPresent() && carried.isEmpty()) {
      ObjectNode byVendor = ProviderJson.object();
      byVendor.putObject(ResponsesRequestReader.VENDOR).put("encrypted_content", encrypted.get());
      parts.add(new ContentPart.ReplayPart(new ReplayData(encryptedPath, byVendor)));
      return;
    }
    if (!readable.isEmpty()) {
      parts.add(new ContentPart.ReasoningPart(path, readable, Optional.empty()));
    }
    carried.ifPresent(it -> {
      ReplayData data = new ReplayData(encryptedPath, it.byVendor());
      it.call()
          .ifPresentOrElse(
              call -> dataByCall.put(call, data),
              () -> parts.add(new ContentPart.ReplayPart(data)));
    });
  }

  /// The texts of the parts of a reasoning item, as paragraphs.
  private static String texts(RequestMemberReader item, String name) {
    StringBuilder texts = new StringBuilder();
    JsonNode list = item.list(name);
    for (int i = 0; i < list.size(); i++) {
      String path = name + "[" + i + "]";
      String text = item.nested(path, list.path(i)).text("text").orElse("");
      texts.append(texts.isEmpty() || text.isEmpty() ? "" : "\n\n").append(text);
    }
    return texts.toString();
  }

  private static Tool tool(Kind kind, RequestMemberReader call) {
    return new Tool(kind, call.text("namespace"), call.required("name"));
  }

  private static Member<String> argumentsOfInput(RequestMemberReader call, String name) {
    return new Member<>(call.path(name), ResponsesToolNames.arguments(call.text(name).orElse("")));
  }

  /// Reads the call of a function. Cursor returns that of a custom tool as one of a function.
  private void readFunctionCall(String path, RequestMemberReader call) {
    Tool function = tool(Kind.FUNCTION, call);
    Tool custom = new Tool(Kind.CUSTOM, function.namespace(), function.name());
    if (names.has(custom) && !names.has(function)) {
      addCall(path, call, custom, argumentsOfInput(call, "arguments"));
    } else {
      Member<String> arguments =
          new Member<>(call.path("arguments"), call.text("arguments").orElse(""));
      addCall(path, call, function, arguments);
    }
  }

  private void addCall(String path, RequestMemberReader call, Tool tool, Member<String> arguments) {
    String id = call.required("call_id");
    // The default, which every response has.
    if (call.peek("caller").path("type").stringValue("").equals("direct")) {
      call.take("caller");
    }
    Message message = ofModel(path);
    message.parts.add(
        new ContentPart.ToolCallPart(
            path,
            id,
            names.of(tool),
            arguments,
            Optional.ofNullable(dataByCall.remove(id)),
            extensions(call)));
    callers.put(id, message);
  }

  private void readToolSearch(String path, RequestMemberReader call, JsonNode original) {
    if (isOfServer(call)) {
      readOther(path, "tool_search_call", original);
      return;
    }
    JsonNode arguments = call.take("arguments");
    addCall(
        path,
        call,
        Tool.SEARCH,
        new Member<>(
            call.path("arguments"), arguments.isMissingNode() ? "" : arguments.toString()));
  }

  /// Whether OpenAI's servers have searched, so that there is no call.
  private static boolean isOfServer(RequestMemberReader item) {
    return item.text("execution").orElse("").equals("server")
        || item.peek("call_id").isMissingNode();
  }

  private void readOutput(String path, RequestMemberReader item) {
    Member<String> callId = callId(item);
    item.take("name");
    if (item.peek("caller").path("type").stringValue("").equals("direct")) {
      item.take("caller");
    }
    List<ContentPart> content = content(item, OUTPUT);
    addResult(path, callId, new Member<>(item.path(OUTPUT), content), item);
  }

  private static Member<String> callId(RequestMemberReader item) {
    return new Member<>(item.path("call_id"), item.required("call_id"));
  }

  /// Reads the result of a search: the names of the functions that the model may now call.
  private void readFoundTools(String path, RequestMemberReader item) {
    if (isOfServer(item)) {
      return;
    }
    ObjectNode result = ProviderJson.object();
    ArrayNode functions = result.putArray("functions");
    ResponsesToolNames.toolsOf(item.take("tools")).forEach(it -> functions.add(names.of(it)));
    addResult(
        path,
        callId(item),
        new Member<>(item.path("tools"), List.of(text(item.path("tools"), result.toString()))),
        item);
  }

  private void addResult(
      String path,
      Member<String> callId,
      Member<List<ContentPart>> content,
      RequestMemberReader item) {
    Message result = new Message(path, MessageRole.TOOL);
    result.parts.add(
        new ContentPart.ToolResultPart(path, callId, content, Optional.empty(), extensions(item)));
    Message caller = callers.get(callId.value());
    (caller == null ? messages : caller.results).add(result);
  }

  /// Keeps an item without a neutral form. Those that the model wrote are a part of its message,
  /// which others can do without.
  private void readOther(String path, String type, JsonNode original) {
    boolean isOfModel =
        type.endsWith("_call")
            || type.equals("mcp_list_tools")
            || type.equals("mcp_approval_request");
    Message message = isOfModel ? ofModel(path) : add(path, MessageRole.USER);
    message.parts.add(new ContentPart.VendorPart(path, Optional.of(type), original));
  }
}
