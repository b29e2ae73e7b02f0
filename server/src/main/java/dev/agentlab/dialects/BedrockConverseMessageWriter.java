package dev.agentlab.dialects;

import com.google.re2j.Pattern;
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
import dev.agentlab.conversation.MediaSource.InlineData;
import dev.agentlab.conversation.MediaSource.UploadedFile;
import dev.agentlab.conversation.Member;
import dev.agentlab.errors.InvalidInputException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes the messages of a conversation as Converse's `messages` and `system`. Roles must
/// alternate in Converse, so consecutive messages of one role are merged.
final class BedrockConverseMessageWriter {
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

  /// The vendor whose models Bedrock has too.
  private static final String CLAUDE_VENDOR = "anthropic";

  static final String NO_EQUIVALENT = "Bedrock has no equivalent";

  /// The models that distinguish results that are errors
  /// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolResultBlock.html).
  private static final Pattern STATUS_MODELS =
      Pattern.compile(".*(anthropic\\.claude|amazon\\.nova).*");

  private final boolean acceptsStatus;
  private final BedrockCachePoints cachePoints;
  private final TranslationWarnings warnings;
  private final ArrayNode system = ProviderJson.array();
  private final ArrayNode messages = ProviderJson.array();

  /// The names of the functions that have been called.
  private final Set<String> calledFunctions = new LinkedHashSet<>();

  private boolean usesTools;

  BedrockConverseMessageWriter(
      String model, BedrockCachePoints cachePoints, TranslationWarnings warnings) {
    acceptsStatus = STATUS_MODELS.matcher(model).matches();
    this.cachePoints = cachePoints;
    this.warnings = warnings;
  }

  /// Writes the messages.
  ///
  /// @throws InvalidInputException if a message has content that Bedrock does not support
  void write(List<ChatMessage> conversation, ObjectNode body) {
    for (ChatMessage message : conversation) {
      switch (message.role()) {
        case SYSTEM, DEVELOPER -> {
          if (!messages.isEmpty()) {
            warnings.add(
                message.path(),
                "is moved to the system prompt: Bedrock accepts instructions only there");
          }
          system.addAll(blocks(message.content()));
        }
        case USER, TOOL -> MessageParts.addContent(messages, "user", blocks(message.content()));
        case ASSISTANT -> writeAssistant(message);
      }
      message
          .name()
          .ifPresent(name ->
              warnings.addIgnored(
                  name.path(), "Bedrock does not distinguish participants by name"));
      warnings.addIgnored(message.unread(), NO_EQUIVALENT);
    }
    if (!system.isEmpty()) {
      body.set("system", system);
    }
    body.set("messages", messages);
  }

  /// Whether there are tool calls or tool results.
  boolean usesTools() {
    return usesTools;
  }

  /// The names of the functions that have been called.
  Set<String> calledFunctions() {
    return calledFunctions;
  }

  private void writeAssistant(ChatMessage message) {
    boolean replaysReasoning =
        message.content().stream()
            .anyMatch(part ->
                part instanceof ReplayPart replay
                    && !replay.data().of(BedrockConverse.VENDOR).path("reasoning").isEmpty());
    ArrayNode blocks = ProviderJson.array();
    for (ContentPart part : message.content()) {
      switch (part) {
        case ReasoningPart reasoning -> {
          if (!replaysReasoning) {
            writeReasoning(reasoning, blocks);
          }
        }
        case ReplayPart replay -> {
          if (!isCarriedOtherwise(replay, message)) {
            warnings.addIgnoredReplay(replay.data(), BedrockConverse.VENDOR);
          }
          JsonNode data = replay.data().of(BedrockConverse.VENDOR);
          data.path("reasoning").forEach(it -> blocks.addObject().set("reasoningContent", it));
          data.path("content").forEach(blocks::add);
          replay.data().of(CLAUDE_VENDOR).path("content").forEach(it -> writeRedacted(it, blocks));
        }
        default -> addBlock(part, blocks);
      }
    }
    MessageParts.addContent(messages, "assistant", blocks);
  }

  /// Whether the data is thinking of Claude that is encrypted, or also a signed [ReasoningPart].
  private static boolean isCarriedOtherwise(ReplayPart replay, ChatMessage message) {
    return message.content().stream()
            .anyMatch(part ->
                part instanceof ReasoningPart reasoning
                    && reasoning.signature().isPresent()
                    && reasoning.path().equals(replay.path()))
        || (replay.data().byVendor().has(CLAUDE_VENDOR)
            && replay
                .data()
                .of(CLAUDE_VENDOR)
                .path("content")
                .valueStream()
                .allMatch(BedrockConverseMessageWriter::isRedacted));
  }

  private static boolean isRedacted(JsonNode block) {
    return block.path("type").stringValue("").equals("redacted_thinking");
  }

  /// Writes the encrypted thinking of Claude, which has no readable form; other thinking is also in
  /// a [ReasoningPart].
  private static void writeRedacted(JsonNode block, ArrayNode blocks) {
    if (isRedacted(block)) {
      blocks.addObject().putObject("reasoningContent").set("redactedContent", block.path("data"));
    }
  }

  private void writeReasoning(ReasoningPart reasoning, ArrayNode blocks) {
    if (reasoning.signature().isPresent()) {
      blocks
          .addObject()
          .putObject("reasoningContent")
          .putObject("reasoningText")
          .put("text", reasoning.text())
          .put("signature", reasoning.signature().get());
    } else {
      warnings.addIgnored(reasoning.path(), "Bedrock accepts only signed reasoning");
    }
  }

  private ArrayNode blocks(List<ContentPart> parts) {
    ArrayNode blocks = ProviderJson.array();
    parts.forEach(part -> addBlock(part, blocks));
    return blocks;
  }

  private void addBlock(ContentPart part, ArrayNode blocks) {
    int before = blocks.size();
    MessageParts.addBlock(block(part), blocks);
    if (blocks.size() > before) {
      MessageParts.cacheMarker(part).ifPresent(marker -> cachePoints.add(marker, blocks));
    }
  }

  private JsonNode block(ContentPart part) {
    ObjectNode json = ProviderJson.object();
    switch (part) {
      case TextPart text -> {
        json.put("text", text.text());
        warnings.addIgnored(text.extensions().unread(), NO_EQUIVALENT);
      }
      case RefusalPart refusal -> {
        json.put("text", refusal.text());
        warnings.addIgnored(refusal.extensions().unread(), NO_EQUIVALENT);
      }
      case ReasoningPart reasoning -> json.put("text", reasoning.text());
      case ImagePart image -> writeImage(image, json);
      case AudioPart audio -> {
        ObjectNode block = json.putObject("audio").put("format", audio.format());
        block.putObject("source").put("bytes", audio.base64());
        warnings.addIgnored(audio.extensions().unread(), NO_EQUIVALENT);
      }
      case FilePart file -> writeDocument(file, json);
      case ToolCallPart call -> json.set("toolUse", toolUse(call));
      case ToolResultPart result -> json.set("toolResult", toolResult(result));
      case ReplayPart replay -> throw MessageParts.misplaced(replay);
      case VendorPart vendor -> {
        return MessageParts.untypedContent(vendor);
      }
    }
    return json;
  }

  private void writeImage(ImagePart image, ObjectNode json) {
    if (!(image.source().value() instanceof InlineData(String mediaType, String base64))
        || !IMAGE_TYPES.contains(mediaType)) {
      throw new InvalidInputException(
          image.source().path(),
          "must be the base64 data of a png, jpeg, gif or webp image: Bedrock does not fetch"
              + " images");
    }
    ObjectNode block = json.putObject("image");
    block.put("format", mediaType.substring("image/".length()));
    block.putObject("source").put("bytes", base64);
    warnings.addIgnoredDetail(image, "Bedrock selects the level of detail itself");
    warnings.addIgnored(image.extensions().unread(), NO_EQUIVALENT);
  }

  private void writeDocument(FilePart file, ObjectNode json) {
    if (file.source().value() instanceof UploadedFile) {
      throw MessageParts.unsupportedFile(file.source().path());
    }
    if (!(file.source().value() instanceof InlineData(String mediaType, String base64))
        || !DOCUMENT_FORMATS.containsKey(mediaType)) {
      throw new InvalidInputException(
          file.source().path(),
          "must be the base64 data of a document, such as a PDF: Bedrock does not fetch documents");
    }
    String name = documentName(file.fileName().map(it -> it.value()).orElse("document"));
    ObjectNode block = json.putObject("document").put("format", DOCUMENT_FORMATS.get(mediaType));
    block.put("name", name).putObject("source").put("bytes", base64);
    warnings.addIgnored(file.extensions().unread(), NO_EQUIVALENT);
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

  private ObjectNode toolUse(ToolCallPart call) {
    usesTools = true;
    calledFunctions.add(call.name());
    ObjectNode json = ProviderJson.object().put("toolUseId", call.id()).put("name", call.name());
    json.set("input", ToolArguments.parse(call));
    call.replayData().ifPresent(data -> warnings.addIgnoredReplay(data, BedrockConverse.VENDOR));
    warnings.addIgnored(call.extensions().unread(), NO_EQUIVALENT);
    return json;
  }

  private ObjectNode toolResult(ToolResultPart result) {
    usesTools = true;
    ObjectNode json = ProviderJson.object().put("toolUseId", result.callId().value());
    ArrayNode content = json.putArray("content");
    for (ContentPart part : result.content().value()) {
      if (!(part instanceof TextPart || part instanceof ImagePart || part instanceof FilePart)) {
        throw ToolArguments.unsupportedResult(result);
      }
      content.add(block(part));
      MessageParts.cacheMarker(part)
          .ifPresent(marker -> warnings.addIgnored(marker.path(), NO_EQUIVALENT));
    }
    if (content.isEmpty()) {
      content.addObject().put("text", "");
    }
    if (acceptsStatus) {
      result.isError().filter(Member::value).ifPresent(_ -> json.put("status", "error"));
    } else {
      warnings.addIgnoredError(result, NO_EQUIVALENT);
    }
    warnings.addIgnored(result.extensions().unread(), NO_EQUIVALENT);
    return json;
  }
}
