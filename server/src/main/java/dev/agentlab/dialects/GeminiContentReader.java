package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatMessage;
import dev.agentlab.conversation.ContentPart;
import dev.agentlab.conversation.Extensions;
import dev.agentlab.conversation.MediaSource;
import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.MessageRole;
import dev.agentlab.conversation.ReplayData;
import dev.agentlab.conversation.UnreadMembers;
import dev.agentlab.errors.InvalidInputException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads the system instruction and the contents of a client's request of the Gemini API.
///
/// A `thoughtSignature` is data to replay: that of other vendors if it is a [ReplayCarrier], and
/// otherwise Google's.
///
/// Calls and results may have no ids: a result then belongs to the first call of its function that
/// has none yet.
final class GeminiContentReader {
  private static final String SIGNATURE = "thoughtSignature";
  private static final String CALL = "functionCall";
  private static final String RESULT = "functionResponse";
  private static final String INLINE_DATA = "inlineData";
  private static final String FILE_DATA = "fileData";
  private static final String PARTS = "parts";

  /// What a part may have beside its content.
  private static final Set<String> DATA_ABOUT_PARTS =
      Set.of("mediaResolution", "partMetadata", "thought", "videoMetadata");

  /// The members of a result that has only one, with a text.
  private static final Set<String> TEXT_RESULTS = Set.of("output", "result", "error");

  /// A type of a file that only Google can read.
  private static final String GOOGLE_FILES = "https://generativelanguage.googleapis.com/";

  /// The function of each call that has no result yet, by id.
  private final Map<String, String> openCalls = new LinkedHashMap<>();

  private final Set<String> callIds = new HashSet<>();

  private GeminiContentReader() {}

  /// @throws InvalidInputException if a content is not valid; names the member
  static List<ChatMessage> read(RequestMemberReader request) {
    GeminiContentReader reader = new GeminiContentReader();
    List<ChatMessage> messages = new ArrayList<>();
    if (request.object("systemInstruction") instanceof ObjectNode json) {
      RequestMemberReader system = request.nested("systemInstruction", json);
      system.take("role");
      messages.add(reader.message("systemInstruction", MessageRole.SYSTEM, system));
    }
    JsonNode list = request.take("contents");
    if (!list.isArray() || list.isEmpty()) {
      throw request.invalid("contents", "must be a non-empty array of contents");
    }
    for (int i = 0; i < list.size(); i++) {
      String path = "contents[" + i + "]";
      RequestMemberReader content = request.nested(path, list.path(i));
      MessageRole role =
          switch (content.text("role").orElse("user")) {
            case "user", "function", "" -> MessageRole.USER;
            case "model" -> MessageRole.ASSISTANT;
            default -> throw content.invalid("role", "must be user or model");
          };
      ChatMessage message = reader.message(request.path(path), role, content);
      boolean continues = !messages.isEmpty() && messages.getLast().role() == MessageRole.ASSISTANT;
      if (role != MessageRole.ASSISTANT) {
        messages.add(message);
      } else if (continues) {
        messages.add(continued(messages.removeLast(), message));
      } else {
        messages.add(
            continued(
                new ChatMessage(
                    message.path(), role, List.of(), Optional.empty(), UnreadMembers.NONE),
                message));
      }
    }
    return messages;
  }

  /// A message of the model with what follows. Clients store each chunk of a stream as a content or
  /// a part, so that successive texts belong together.
  private static ChatMessage continued(ChatMessage first, ChatMessage second) {
    List<ContentPart> parts = new ArrayList<>(first.content());
    for (ContentPart part : second.content()) {
      boolean isEmpty = part instanceof ContentPart.TextPart(_, String text, _) && text.isEmpty();
      if (isEmpty && parts.stream().anyMatch(GeminiContentReader::isAnswer)) {
        // The end of a stream.
        continue;
      }
      Optional<ContentPart> joined =
          parts.isEmpty() ? Optional.empty() : joined(parts.getLast(), part);
      joined.ifPresent(_ -> parts.removeLast());
      parts.add(joined.orElse(part));
    }
    UnreadMembers unread = second.unread();
    return new ChatMessage(
        first.path(),
        first.role(),
        parts,
        Optional.empty(),
        first.unread().members().isEmpty()
            ? unread
            : new UnreadMembers(
                first.unread().path(), first.unread().members(), Optional.of(unread)));
  }

  private static boolean isAnswer(ContentPart part) {
    return part instanceof ContentPart.TextPart || part instanceof ContentPart.ToolCallPart;
  }

  /// One text of two, if they have nothing else.
  private static Optional<ContentPart> joined(ContentPart first, ContentPart second) {
    if (first instanceof ContentPart.TextPart text
        && second instanceof ContentPart.TextPart next
        && next.extensions().unread().members().isEmpty()) {
      return Optional.of(
          new ContentPart.TextPart(text.path(), text.text() + next.text(), text.extensions()));
    }
    return first instanceof ContentPart.ReasoningPart thought
            && second instanceof ContentPart.ReasoningPart next
        ? Optional.of(
            new ContentPart.ReasoningPart(
                thought.path(), thought.text() + next.text(), thought.signature()))
        : Optional.empty();
  }

  private ChatMessage message(String path, MessageRole role, RequestMemberReader content) {
    JsonNode list = content.list(PARTS);
    List<ContentPart> parts = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      String part = PARTS + "[" + i + "]";
      readPart(content.path(part), role, content.nested(part, list.path(i)), list.path(i), parts);
    }
    return new ChatMessage(path, role, parts, Optional.empty(), content.unread());
  }

  private void readPart(
      String path,
      MessageRole role,
      RequestMemberReader part,
      JsonNode original,
      List<ContentPart> parts) {
    Optional<ReplayCarrier.Carried> signature =
        part.text(SIGNATURE)
            .filter(text -> !text.isEmpty())
            .map(text -> ReplayCarrier.decode(text).orElseGet(() -> ofGoogle(text)));
    boolean isCall = !part.peek(CALL).isMissingNode();
    if (role == MessageRole.ASSISTANT && !isCall) {
      signature.ifPresent(
          it -> parts.add(new ContentPart.ReplayPart(new ReplayData(path, it.byVendor()))));
    }
    if (isCall) {
      requireRole(role, MessageRole.ASSISTANT, CALL, part);
      parts.add(call(path, part, signature, parts));
    } else if (!part.peek(RESULT).isMissingNode()) {
      requireRole(role, MessageRole.USER, RESULT, part);
      parts.add(result(path, part));
    } else if (!part.peek("text").isMissingNode()) {
      readText(path, role, part, parts);
    } else {
      other(path, part, original, signature.isPresent()).ifPresent(parts::add);
    }
  }

  private static ReplayCarrier.Carried ofGoogle(String signature) {
    ObjectNode byVendor = ProviderJson.object();
    byVendor.putObject(Gemini.VENDOR).put("thought_signature", signature);
    return new ReplayCarrier.Carried(byVendor, Optional.empty());
  }

  private static void requireRole(
      MessageRole role, MessageRole required, String name, RequestMemberReader part) {
    if (role != required) {
      throw part.invalid(
          name,
          "must not be here: it belongs to a content with the role "
              + (required == MessageRole.USER ? "user" : "model"));
    }
  }

  private static void readText(
      String path, MessageRole role, RequestMemberReader part, List<ContentPart> parts) {
    String text = part.text("text").orElse("");
    boolean isThought = part.flag("thought", false);
    if (isThought && role == MessageRole.ASSISTANT) {
      parts.add(new ContentPart.ReasoningPart(path, text, Optional.empty()));
    } else {
      parts.add(new ContentPart.TextPart(path, text, extensions(part)));
    }
  }

  private ContentPart call(
      String path,
      RequestMemberReader part,
      Optional<ReplayCarrier.Carried> signature,
      List<ContentPart> parts) {
    RequestMemberReader call = part.nested(CALL, part.take(CALL));
    String name = call.required("name");
    String id = call.text("id").filter(it -> !it.isEmpty()).orElseGet(this::newId);
    callIds.add(id);
    openCalls.put(id, name);
    JsonNode args = call.object("args");
    String arguments = args.isObject() ? ProviderJson.MAPPER.writeValueAsString(args) : "{}";
    boolean isOfCall =
        signature
            .filter(it -> it.call().isPresent() || it.byVendor().has(Gemini.VENDOR))
            .isPresent();
    Optional<ReplayData> data = signature.map(it -> new ReplayData(path, it.byVendor()));
    data.filter(_ -> !isOfCall).ifPresent(it -> parts.add(new ContentPart.ReplayPart(it)));
    return new ContentPart.ToolCallPart(
        path,
        id,
        name,
        new Member<>(call.path("args"), arguments),
        data.filter(_ -> isOfCall),
        new Extensions(Optional.empty(), part.unread(call)));
  }

  private String newId() {
    int number = callIds.size();
    while (callIds.contains("call_" + number)) {
      number++;
    }
    return "call_" + number;
  }

  private ContentPart result(String path, RequestMemberReader part) {
    RequestMemberReader result = part.nested(RESULT, part.take(RESULT));
    String name = result.text("name").orElse("");
    String id = callId(result.text("id").orElse(""), name, result);
    openCalls.remove(id);
    JsonNode response = result.object("response");
    List<ContentPart> content = new ArrayList<>();
    content.add(
        new ContentPart.TextPart(result.path("response"), resultText(response), Extensions.NONE));
    JsonNode media = result.list(PARTS);
    for (int i = 0; i < media.size(); i++) {
      String inner = PARTS + "[" + i + "]";
      RequestMemberReader json = result.nested(inner, media.path(i));
      content.add(
          media(result.path(inner), json)
              .orElseThrow(() -> result.invalid(inner, "must have inlineData or fileData")));
    }
    boolean isError = response.size() == 1 && response.has("error");
    return new ContentPart.ToolResultPart(
        path,
        new Member<>(result.path("id"), id),
        new Member<>(result.path("response"), content),
        isError ? Optional.of(new Member<>(result.path("response.error"), true)) : Optional.empty(),
        new Extensions(Optional.empty(), part.unread(result)));
  }

  private String callId(String id, String name, RequestMemberReader result) {
    if (callIds.contains(id)) {
      return id;
    }
    return openCalls.entrySet().stream()
        .filter(call -> call.getValue().equals(name))
        .findFirst()
        .map(Map.Entry::getKey)
        .orElseThrow(() ->
            result.invalid("name", "must be the function of a functionCall in an earlier content"));
  }

  /// Clients wrap a text, because a response is an object.
  private static String resultText(JsonNode response) {
    if (response.size() == 1) {
      for (Map.Entry<String, JsonNode> member : response.properties()) {
        if (TEXT_RESULTS.contains(member.getKey()) && member.getValue().isString()) {
          return member.getValue().stringValue();
        }
      }
    }
    return response.isObject() ? ProviderJson.MAPPER.writeValueAsString(response) : "";
  }

  /// A part that is neither text nor about a function; empty if it has only a signature.
  private static Optional<ContentPart> other(
      String path, RequestMemberReader part, JsonNode original, boolean isSigned) {
    Optional<ContentPart> media = media(path, part);
    if (media.isPresent()) {
      return media;
    }
    Optional<String> kind =
        part.unread().members().propertyNames().stream()
            .filter(name -> !DATA_ABOUT_PARTS.contains(name))
            .findFirst();
    if (kind.isEmpty() && !isSigned) {
      throw new InvalidInputException(
          path, "must have text, inlineData, fileData, functionCall or functionResponse");
    }
    return kind.map(it -> new ContentPart.VendorPart(path + "." + it, Optional.of(it), original));
  }

  private static Optional<ContentPart> media(String path, RequestMemberReader part) {
    if (part.object(INLINE_DATA) instanceof ObjectNode json) {
      RequestMemberReader data = part.nested(INLINE_DATA, json);
      String type = data.required("mimeType").toLowerCase(Locale.ROOT);
      String base64 = standardBase64(data.required("data"));
      return Optional.of(
          type.startsWith("audio/")
              ? new ContentPart.AudioPart(
                  path,
                  data.path("mimeType"),
                  audioFormat(type),
                  base64,
                  new Extensions(Optional.empty(), part.unread(data)))
              : media(
                  path,
                  part,
                  data,
                  type,
                  new Member<>(data.path("data"), new MediaSource.InlineData(type, base64))));
    }
    if (part.object(FILE_DATA) instanceof ObjectNode json) {
      RequestMemberReader data = part.nested(FILE_DATA, json);
      String type = data.text("mimeType").orElse("").toLowerCase(Locale.ROOT);
      String uri = data.required("fileUri");
      MediaSource source =
          uri.startsWith(GOOGLE_FILES) || uri.startsWith("gs://")
              ? new MediaSource.UploadedFile(uri)
              : new MediaSource.UrlReference(uri);
      return Optional.of(media(path, part, data, type, new Member<>(data.path("fileUri"), source)));
    }
    return Optional.empty();
  }

  private static ContentPart media(
      String path,
      RequestMemberReader part,
      RequestMemberReader data,
      String type,
      Member<MediaSource> source) {
    Optional<Member<String>> name =
        data.text("displayName").map(it -> new Member<>(data.path("displayName"), it));
    Extensions extensions = new Extensions(Optional.empty(), part.unread(data));
    return type.startsWith("image/")
        ? new ContentPart.ImagePart(path, source, Optional.empty(), extensions)
        : new ContentPart.FilePart(path, source, name, extensions);
  }

  /// The format in the words of OpenAI.
  private static String audioFormat(String type) {
    return switch (type) {
      case "audio/mpeg" -> "mp3";
      case "audio/x-wav", "audio/wave" -> "wav";
      default -> type.substring(type.indexOf('/') + 1);
    };
  }

  /// Google accepts both alphabets, with padding or without.
  private static String standardBase64(String base64) {
    String standard = base64.replace('-', '+').replace('_', '/');
    return standard + "=".repeat((4 - standard.length() % 4) % 4);
  }

  private static Extensions extensions(RequestMemberReader part) {
    UnreadMembers unread = part.unread();
    return new Extensions(Optional.empty(), unread);
  }
}
