package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.agentlab.conversation.CacheMarker;
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
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads one message of a client's request of the Messages API.
///
/// A thinking block is read as reasoning, and if it is Anthropic's own, also as data to replay,
/// because Anthropic requires it unchanged.
final class AnthropicMessageReader {
  private static final String CONTENT = "content";

  private final MessageRole role;
  private final List<ContentPart> parts = new ArrayList<>();

  /// The data that [ReplayCarrier] blocks have for later tool calls, by id of the call.
  private final Map<String, ReplayData> dataByCall = new HashMap<>();

  private AnthropicMessageReader(MessageRole role) {
    this.role = role;
  }

  /// Reads the system prompt and the messages of a request.
  ///
  /// @throws InvalidInputException if a message is not valid; names the member
  static List<ChatMessage> read(RequestMemberReader request) {
    List<ChatMessage> messages = new ArrayList<>();
    JsonNode system = request.take("system");
    if (!system.isMissingNode() && !system.stringValue("…").isEmpty()) {
      List<ContentPart> content =
          new AnthropicMessageReader(MessageRole.SYSTEM).read(request, "system", system);
      messages.add(
          new ChatMessage(
              "system", MessageRole.SYSTEM, content, Optional.empty(), UnreadMembers.NONE));
    }
    JsonNode list = request.take("messages");
    if (!list.isArray() || list.isEmpty()) {
      throw request.invalid("messages", "must be a non-empty array of messages");
    }
    for (int i = 0; i < list.size(); i++) {
      String path = "messages[" + i + "]";
      messages.add(message(path, request.nested(path, list.path(i))));
    }
    return messages;
  }

  private static ChatMessage message(String path, RequestMemberReader message) {
    MessageRole role =
        switch (message.required("role")) {
          case "user" -> MessageRole.USER;
          case "assistant" -> MessageRole.ASSISTANT;
          case "system" -> MessageRole.SYSTEM;
          default -> throw message.invalid("role", "must be user, assistant or system");
        };
    List<ContentPart> content =
        new AnthropicMessageReader(role).read(message, CONTENT, message.take(CONTENT));
    return new ChatMessage(path, role, content, Optional.empty(), message.unread());
  }

  private List<ContentPart> read(RequestMemberReader message, String name, JsonNode content) {
    if (content.isString()) {
      return List.of(text(message.path(name), content.stringValue()));
    }
    requireBlocks(message, name, content);
    for (int i = 0; i < content.size(); i++) {
      String block = name + "[" + i + "]";
      readBlock(message.path(block), message.nested(block, content.path(i)), content.path(i));
    }
    return parts;
  }

  private static void requireBlocks(RequestMemberReader element, String name, JsonNode content) {
    if (!content.isArray()) {
      throw element.invalid(name, "must be a string or an array of content blocks");
    }
  }

  private static ContentPart text(String path, String text) {
    return new ContentPart.TextPart(path, text, Extensions.NONE);
  }

  private void readBlock(String path, RequestMemberReader block, JsonNode original) {
    switch (block.peek("type").stringValue("")) {
      case "thinking" -> {
        requireRole(MessageRole.ASSISTANT, block);
        readThinking(path, block, original);
      }
      case "redacted_thinking" -> {
        requireRole(MessageRole.ASSISTANT, block);
        readRedactedThinking(path, block, original);
      }
      case "tool_use" -> {
        requireRole(MessageRole.ASSISTANT, block);
        parts.add(toolCall(path, block));
      }
      case "tool_result" -> {
        requireRole(MessageRole.USER, block);
        parts.add(toolResult(path, block));
      }
      default -> parts.add(part(path, block, original));
    }
  }

  private void requireRole(MessageRole required, RequestMemberReader block) {
    String type = block.required("type");
    if (role != required) {
      throw block.invalid(
          "type",
          "must not be %s: it belongs to a message with the role %s"
              .formatted(type, required.name().toLowerCase(Locale.ROOT)));
    }
  }

  private void readThinking(String path, RequestMemberReader block, JsonNode original) {
    Optional<String> signature = block.text("signature").filter(it -> !it.isEmpty());
    parts.add(new ContentPart.ReasoningPart(path, block.text("thinking").orElse(""), signature));
    if (signature.isPresent()) {
      parts.add(ownBlock(path, original));
    }
  }

  private void readRedactedThinking(String path, RequestMemberReader block, JsonNode original) {
    ReplayCarrier.decode(block.required("data"))
        .ifPresentOrElse(
            carried -> {
              ReplayData data = new ReplayData(path, carried.byVendor());
              carried
                  .call()
                  .ifPresentOrElse(
                      call -> dataByCall.put(call, data),
                      () -> parts.add(new ContentPart.ReplayPart(data)));
            },
            () -> parts.add(ownBlock(path, original)));
  }

  private static ContentPart ownBlock(String path, JsonNode block) {
    ObjectNode byVendor = ProviderJson.object();
    byVendor.putObject(Anthropic.VENDOR).putArray(CONTENT).add(block);
    return new ContentPart.ReplayPart(new ReplayData(path, byVendor));
  }

  private ContentPart toolCall(String path, RequestMemberReader block) {
    String id = block.required("id");
    String name = block.required("name");
    JsonNode input = block.object("input");
    if (input.isMissingNode()) {
      throw block.invalid("input", "is required");
    }
    // The default, which every response has.
    if (block.peek("caller").path("type").stringValue("").equals("direct")) {
      block.take("caller");
    }
    return new ContentPart.ToolCallPart(
        path,
        id,
        name,
        new Member<>(block.path("input"), ProviderJson.MAPPER.writeValueAsString(input)),
        Optional.ofNullable(dataByCall.remove(id)),
        extensions(block));
  }

  private static ContentPart toolResult(String path, RequestMemberReader block) {
    Member<String> callId = new Member<>(block.path("tool_use_id"), block.required("tool_use_id"));
    JsonNode content = block.take(CONTENT);
    List<ContentPart> parts = new ArrayList<>();
    if (content.isString()) {
      parts.add(text(block.path(CONTENT), content.stringValue()));
    } else if (!content.isMissingNode()) {
      requireBlocks(block, CONTENT, content);
      for (int i = 0; i < content.size(); i++) {
        String inner = CONTENT + "[" + i + "]";
        parts.add(part(block.path(inner), block.nested(inner, content.path(i)), content.path(i)));
      }
    }
    Optional<Member<Boolean>> isError =
        block.peek("is_error").isMissingNode()
            ? Optional.empty()
            : Optional.of(new Member<>(block.path("is_error"), block.flag("is_error", false)));
    return new ContentPart.ToolResultPart(
        path, callId, new Member<>(block.path(CONTENT), parts), isError, extensions(block));
  }

  /// Reads a block that a message and a tool result may have.
  private static ContentPart part(String path, RequestMemberReader block, JsonNode original) {
    String type = block.required("type");
    return switch (type) {
      case "text" -> {
        String text = block.text("text").orElseThrow(() -> block.invalid("text", "is required"));
        yield new ContentPart.TextPart(path, text, extensions(block));
      }
      case "image", "document" -> media(type, path, block, original);
      default -> new ContentPart.VendorPart(path, Optional.of(type), original);
    };
  }

  private static ContentPart media(
      String type, String path, RequestMemberReader block, JsonNode original) {
    RequestMemberReader source = block.nested("source", block.take("source"));
    String sourceType = source.required("type");
    Optional<Member<MediaSource>> media = source(sourceType, source);
    if (media.isEmpty()) {
      return new ContentPart.VendorPart(block.path("source"), Optional.of(sourceType), original);
    }
    if (type.equals("image")) {
      return new ContentPart.ImagePart(
          path, media.get(), Optional.empty(), extensions(block, source));
    }
    Optional<Member<String>> title =
        block.text("title").map(value -> new Member<>(block.path("title"), value));
    return new ContentPart.FilePart(path, media.get(), title, extensions(block, source));
  }

  /// The source of an image or a document; empty if only Anthropic has its type.
  private static Optional<Member<MediaSource>> source(String type, RequestMemberReader source) {
    return switch (type) {
      case "base64" -> {
        String mediaType = source.required("media_type").toLowerCase(Locale.ROOT);
        yield Optional.of(
            new Member<>(
                source.path("data"),
                new MediaSource.InlineData(mediaType, source.required("data"))));
      }
      case "text" -> {
        source.take("media_type");
        byte[] text = source.required("data").getBytes(UTF_8);
        yield Optional.of(
            new Member<>(
                source.path("data"),
                new MediaSource.InlineData(
                    "text/plain", Base64.getEncoder().encodeToString(text))));
      }
      case "url" ->
          Optional.of(
              new Member<>(
                  source.path("url"), new MediaSource.UrlReference(source.required("url"))));
      case "file" ->
          Optional.of(
              new Member<>(
                  source.path("file_id"),
                  new MediaSource.UploadedFile(source.required("file_id"))));
      default -> Optional.empty();
    };
  }

  /// The rest of an element.
  static Extensions extensions(RequestMemberReader element) {
    Optional<CacheMarker> marker = cacheMarker(element);
    return new Extensions(marker, element.unread());
  }

  private static Extensions extensions(RequestMemberReader element, RequestMemberReader inner) {
    Optional<CacheMarker> marker = cacheMarker(element);
    return new Extensions(marker, element.unread(inner));
  }

  private static Optional<CacheMarker> cacheMarker(RequestMemberReader element) {
    JsonNode marker = element.take("cache_control");
    return marker.isMissingNode()
        ? Optional.empty()
        : Optional.of(new CacheMarker(element.path("cache_control"), marker));
  }
}
