package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatMessage;
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
import dev.agentlab.errors.InvalidInputException;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes the messages of a conversation as Anthropic's `messages` and `system`.
final class AnthropicMessageWriter {
  private static final Set<String> IMAGE_TYPES =
      Set.of("image/jpeg", "image/png", "image/gif", "image/webp");
  static final String NO_EQUIVALENT = "Anthropic has no equivalent";

  private final boolean isOwnClient;
  private final TranslationWarnings warnings;
  private final ArrayNode system = ProviderJson.array();
  private final ArrayNode messages = ProviderJson.array();

  /// @param isOwnClient whether the client speaks this API too
  AnthropicMessageWriter(boolean isOwnClient, TranslationWarnings warnings) {
    this.isOwnClient = isOwnClient;
    this.warnings = warnings;
  }

  /// @throws InvalidInputException if a message has content that Anthropic does not support
  void write(List<ChatMessage> conversation, ObjectNode body) {
    for (ChatMessage message : conversation) {
      switch (message.role()) {
        case SYSTEM, DEVELOPER -> writeSystem(message);
        case USER, TOOL -> MessageParts.addContent(messages, "user", blocks(message.content()));
        case ASSISTANT -> writeAssistant(message);
      }
      if (message.role() != MessageRole.TOOL) {
        message
            .name()
            .ifPresent(name ->
                warnings.addIgnored(
                    name.path(), "Anthropic does not distinguish participants by name"));
      }
      writeUnread(message);
    }
    if (!system.isEmpty()) {
      body.set("system", system);
    }
    body.set("messages", messages);
  }

  private void writeUnread(ChatMessage message) {
    if (isOwnClient && messages.path(messages.size() - 1) instanceof ObjectNode last) {
      RequestMemberReader.of(message.unread(), warnings).moveRest(last);
    } else {
      warnings.addIgnored(message.unread(), NO_EQUIVALENT);
    }
  }

  private void writeSystem(ChatMessage message) {
    if (!messages.isEmpty()) {
      warnings.add(
          message.path(),
          "is moved to the system prompt: Anthropic accepts instructions only there");
    }
    system.addAll(blocks(message.content()));
  }

  private void writeAssistant(ChatMessage message) {
    boolean replaysReasoning =
        message.content().stream().anyMatch(AnthropicMessageWriter::replaysReasoning);
    ArrayNode blocks = ProviderJson.array();
    for (ContentPart part : message.content()) {
      switch (part) {
        case ReasoningPart reasoning -> writeReasoning(reasoning, replaysReasoning, blocks);
        case ReplayPart replay -> writeReplay(replay, blocks);
        default -> MessageParts.addBlock(block(part), blocks);
      }
    }
    MessageParts.addContent(messages, "assistant", blocks);
  }

  /// @param isReplayed whether the message also has the original blocks
  private void writeReasoning(ReasoningPart reasoning, boolean isReplayed, ArrayNode blocks) {
    if (isReplayed) {
      return;
    }
    if (reasoning.signature().isPresent()) {
      blocks
          .addObject()
          .put("type", "thinking")
          .put("thinking", reasoning.text())
          .put("signature", reasoning.signature().get());
    } else {
      warnings.addIgnored(reasoning.path(), "Anthropic accepts only thinking that it has signed");
    }
  }

  private void writeReplay(ReplayPart replay, ArrayNode blocks) {
    warnings.addIgnoredReplay(replay.data(), Anthropic.VENDOR);
    replayedBlocks(replay).forEach(blocks::add);
  }

  private static JsonNode replayedBlocks(ReplayPart replay) {
    return replay.data().of(Anthropic.VENDOR).path("content");
  }

  private static boolean replaysReasoning(ContentPart part) {
    return part instanceof ReplayPart replay
        && replayedBlocks(replay).valueStream().anyMatch(AnthropicMessageWriter::isThinking);
  }

  private static boolean isThinking(JsonNode block) {
    String type = block.path("type").stringValue("");
    return type.equals("thinking") || type.equals("redacted_thinking");
  }

  private ArrayNode blocks(List<ContentPart> parts) {
    ArrayNode blocks = ProviderJson.array();
    parts.forEach(part -> MessageParts.addBlock(block(part), blocks));
    return blocks;
  }

  private JsonNode block(ContentPart part) {
    return switch (part) {
      case TextPart text -> extended(text(text.text()), text.extensions());
      case RefusalPart refusal -> extended(text(refusal.text()), refusal.extensions());
      case ImagePart image -> extended(image(image), image.extensions());
      case FilePart file -> extended(document(file), file.extensions());
      case AudioPart audio ->
          throw new InvalidInputException(
              audio.typePath(), "must not be input_audio: Anthropic does not accept audio");
      case ReasoningPart reasoning -> text(reasoning.text());
      case ToolCallPart call -> toolUse(call);
      case ToolResultPart result -> toolResult(result);
      case ReplayPart replay -> throw MessageParts.misplaced(replay);
      case VendorPart vendor -> {
        if (vendor.type().orElse("").isEmpty()) {
          throw new InvalidInputException(vendor.path() + ".type", "is required");
        }
        yield vendor.content();
      }
    };
  }

  /// Adds the extensions of an element: members of the object inside it have no equivalent.
  private ObjectNode extended(ObjectNode block, Extensions extensions) {
    extensions.unread().inner().ifPresent(inner -> warnings.addIgnored(inner, NO_EQUIVALENT));
    extensions.cacheMarker().ifPresent(marker -> block.set("cache_control", marker.definition()));
    RequestMemberReader.of(extensions.unread(), warnings).moveRest(block);
    return block;
  }

  private static ObjectNode text(String text) {
    return ProviderJson.object().put("type", "text").put("text", text);
  }

  private ObjectNode image(ImagePart image) {
    warnings.addIgnoredDetail(image, NO_EQUIVALENT);
    ObjectNode block = ProviderJson.object().put("type", "image");
    Member<MediaSource> source = image.source();
    switch (source.value()) {
      case InlineData(String mediaType, String base64) -> {
        String type = mediaType.equals("image/jpg") ? "image/jpeg" : mediaType;
        if (!IMAGE_TYPES.contains(type)) {
          throw new InvalidInputException(source.path(), "must be a JPEG, PNG, GIF or WebP image");
        }
        writeSource(block, type, base64);
      }
      case UrlReference url -> writeSource(block, source.path(), url);
      case UploadedFile uploaded -> writeSource(block, source.path(), uploaded);
    }
    return block;
  }

  private ObjectNode document(FilePart file) {
    Member<MediaSource> source = file.source();
    ObjectNode block = ProviderJson.object().put("type", "document");
    file.fileName().ifPresent(name -> block.put("title", name.value()));
    switch (source.value()) {
      case InlineData(String mediaType, String base64) when mediaType.equals("application/pdf") ->
          writeSource(block, mediaType, base64);
      case InlineData(String mediaType, String base64) when mediaType.equals("text/plain") ->
          block
              .putObject("source")
              .put("type", "text")
              .put("media_type", mediaType)
              .put("data", MessageParts.decodeText(source.path(), base64));
      case InlineData _ ->
          throw new InvalidInputException(source.path(), "must be a PDF or plain text");
      case UrlReference url -> writeSource(block, source.path(), url);
      case UploadedFile uploaded -> writeSource(block, source.path(), uploaded);
    }
    return block;
  }

  private static void writeSource(ObjectNode block, String type, String base64) {
    block.putObject("source").put("type", "base64").put("media_type", type).put("data", base64);
  }

  private static void writeSource(ObjectNode block, String path, UrlReference reference) {
    String url = reference.url();
    if (!url.startsWith("https://") && !url.startsWith("http://")) {
      throw new InvalidInputException(
          path, "must be a base64 data: URL with a media type, or an https: URL");
    }
    block.putObject("source").put("type", "url").put("url", url);
  }

  /// Files of another API do not exist at Anthropic.
  private void writeSource(ObjectNode block, String path, UploadedFile file) {
    if (!isOwnClient) {
      throw MessageParts.unsupportedFile(path);
    }
    block.putObject("source").put("type", "file").put("file_id", file.id());
  }

  private ObjectNode toolUse(ToolCallPart call) {
    ObjectNode block = ProviderJson.object().put("type", "tool_use").put("id", call.id());
    block.put("name", call.name()).set("input", ToolArguments.parse(call));
    call.replayData().ifPresent(data -> warnings.addIgnoredReplay(data, Anthropic.VENDOR));
    return extended(block, call.extensions());
  }

  private ObjectNode toolResult(ToolResultPart result) {
    ObjectNode block =
        ProviderJson.object()
            .put("type", "tool_result")
            .put("tool_use_id", result.callId().value());
    result.isError().ifPresent(isError -> block.put("is_error", isError.value()));
    result
        .extensions()
        .cacheMarker()
        .ifPresent(marker -> block.set("cache_control", marker.definition()));
    List<ContentPart> content = result.content().value();
    if (content.size() == 1
        && content.getFirst() instanceof TextPart(_, String text, Extensions extensions)
        && extensions.equals(Extensions.NONE)) {
      block.put("content", text);
    } else if (!content.isEmpty()) {
      block.set("content", blocks(content));
    }
    return extended(block, result.extensions());
  }
}
