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
import dev.agentlab.conversation.ReplayData;
import dev.agentlab.errors.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes the messages of a conversation as OpenAI's `messages`.
///
/// The messages of a client that speaks this API too lose nothing. Those of others have only what
/// the API defines.
final class ChatCompletionsMessageWriter {
  private static final String TYPE = "type";
  private static final String FUNCTION = "function";
  private static final String CONTENT = "content";
  private static final String OTHER_PROVIDER = "it belongs to another provider";

  private final ChatCompletionsMemberWriter members;
  private final boolean isOwnClient;
  private final TranslationWarnings warnings;
  private final ArrayNode messages;

  /// The images and files of the last tool results, each after a text that names its call.
  private final List<ContentPart> movedMedia = new ArrayList<>();

  /// @param messages receives the messages
  ChatCompletionsMessageWriter(ChatCompletionsMemberWriter members, ArrayNode messages) {
    this.members = members;
    this.isOwnClient = members.isOwnClient();
    this.warnings = members.warnings();
    this.messages = messages;
  }

  /// @throws InvalidInputException if a message has content that the API does not support
  void write(List<ChatMessage> conversation) {
    conversation.forEach(this::write);
    writeMovedMedia();
    ChatMessage last = conversation.getLast();
    if (!isOwnClient && last.role() == MessageRole.ASSISTANT) {
      warnings.add(last.path(), "is a complete message for the API, which does not continue it");
    }
  }

  private void write(ChatMessage message) {
    List<ContentPart> own = new ArrayList<>();
    // Each result of a tool is a message of its own in this API.
    for (ContentPart part : message.content()) {
      if (part instanceof ToolResultPart result) {
        addNameAndUnread(message, writeResult(result));
      } else {
        own.add(part);
      }
    }
    if (message.role() == MessageRole.TOOL || (own.isEmpty() && !message.content().isEmpty())) {
      return;
    }
    if (message.role() == MessageRole.USER) {
      own.addAll(0, movedMedia);
      movedMedia.clear();
    }
    writeMovedMedia();
    ObjectNode json = ProviderJson.object().put("role", role(message.role()));
    if (message.role() == MessageRole.ASSISTANT) {
      writeAssistant(own, json);
    } else {
      json.set(CONTENT, content(own));
    }
    addNameAndUnread(message, json);
    // What belongs to another provider can be all that a model's message has.
    if (isOwnClient || json.size() > 1) {
      messages.add(json);
    }
  }

  /// The word for a role. Instructions of the developer are those of the system to a client of
  /// another API: not every provider knows the newer role.
  private String role(MessageRole role) {
    boolean isRenamed = role == MessageRole.DEVELOPER && !isOwnClient;
    return (isRenamed ? MessageRole.SYSTEM : role).name().toLowerCase(Locale.ROOT);
  }

  private void writeMovedMedia() {
    if (!movedMedia.isEmpty()) {
      messages.addObject().put("role", "user").set(CONTENT, content(movedMedia));
      movedMedia.clear();
    }
  }

  private void addNameAndUnread(ChatMessage message, ObjectNode json) {
    message.name().ifPresent(name -> json.put("name", name.value()));
    members.write(message.unread(), json);
  }

  private ObjectNode writeResult(ToolResultPart result) {
    List<ContentPart> content = result.content().value();
    if (!isOwnClient) {
      content = content.stream().filter(TextPart.class::isInstance).toList();
      moveMedia(result);
    }
    ObjectNode json =
        messages
            .addObject()
            .put("role", "tool")
            .put("tool_call_id", result.callId().value())
            .set(CONTENT, content(content));
    if (isOwnClient) {
      result.isError().ifPresent(isError -> json.put("is_error", isError.value()));
    } else {
      warnings.addIgnoredError(result, "the API does not distinguish errors");
    }
    members.write(result.extensions(), json);
    return json;
  }

  /// Tool messages have only text, but messages of the user may have images and files.
  private void moveMedia(ToolResultPart result) {
    List<ContentPart> media =
        result.content().value().stream().filter(part -> !(part instanceof TextPart)).toList();
    if (media.isEmpty()) {
      return;
    }
    media.forEach(part ->
        warnings.add(
            part.path(), "is moved to a message of the user: the API accepts only text there"));
    movedMedia.add(
        new TextPart(
            result.path(),
            "From the result of the tool call " + result.callId().value() + ":",
            Extensions.NONE));
    movedMedia.addAll(media);
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
    for (ContentPart part : parts) {
      switch (part) {
        case ReplayPart it -> addReplayData(it.data(), json);
        case RefusalPart it -> json.put("refusal", it.text());
        case ToolCallPart it -> json.withArrayProperty("tool_calls").add(toolCall(it));
        default -> {}
      }
    }
    writeReasoning(parts, json);
  }

  /// Providers that return readable reasoning may require it back, but only their own.
  private void writeReasoning(List<ContentPart> parts, ObjectNode json) {
    List<ReasoningPart> reasoning =
        parts.stream()
            .filter(ReasoningPart.class::isInstance)
            .map(ReasoningPart.class::cast)
            .filter(part -> !part.text().isEmpty())
            .toList();
    if (reasoning.isEmpty()) {
      return;
    }
    if (isOwnClient || parts.stream().noneMatch(ChatCompletionsMessageWriter::isOfOtherVendor)) {
      StringBuilder text = new StringBuilder();
      reasoning.forEach(part -> text.append(part.text()));
      json.put("reasoning_content", text.toString());
    } else {
      // Signed reasoning is also data to replay, which has its own warning.
      reasoning.stream()
          .filter(part -> part.signature().isEmpty())
          .forEach(part -> warnings.addIgnored(part.path(), OTHER_PROVIDER));
    }
  }

  /// Whether a part proves that a model of another vendor wrote the message.
  private static boolean isOfOtherVendor(ContentPart part) {
    return switch (part) {
      case ReasoningPart it -> it.signature().isPresent();
      case ReplayPart it -> isOfOtherVendor(it.data());
      case ToolCallPart it -> it.replayData().filter(data -> isOfOtherVendor(data)).isPresent();
      default -> false;
    };
  }

  private static boolean isOfOtherVendor(ReplayData data) {
    return !data.byVendor().isEmpty() && !data.byVendor().has(ChatCompletions.VENDOR);
  }

  private void addReplayData(ReplayData data, ObjectNode json) {
    if (isOwnClient) {
      json.set(ChatCompletions.EXTRA_CONTENT, data.byVendor());
    } else if (isOfOtherVendor(data)) {
      warnings.addIgnored(data.path(), OTHER_PROVIDER);
    } else if (data.of(ChatCompletions.VENDOR) instanceof ObjectNode own) {
      ChatCompletions.merge(own, json);
    }
  }

  private ObjectNode toolCall(ToolCallPart call) {
    ObjectNode json = ProviderJson.object().put("id", call.id()).put(TYPE, FUNCTION);
    json.putObject(FUNCTION).put("name", call.name()).put("arguments", call.arguments().value());
    call.replayData().ifPresent(data -> addReplayData(data, json));
    members.write(call.extensions(), json, FUNCTION);
    return json;
  }

  /// The content as a string if it is only one text, which every compatible API accepts.
  private JsonNode content(List<ContentPart> parts) {
    if (!isOwnClient && parts.isEmpty()) {
      return ProviderJson.object().stringNode("");
    }
    ArrayNode list = ProviderJson.array();
    parts.forEach(part -> list.add(part(part)));
    JsonNode first = list.path(0);
    boolean isOneText =
        list.size() == 1 && first.size() == 2 && first.path(TYPE).stringValue("").equals("text");
    return isOneText ? first.path("text") : list;
  }

  private JsonNode part(ContentPart part) {
    ObjectNode json = ProviderJson.object();
    switch (part) {
      case TextPart it -> {
        writeText(it.text(), json);
        members.write(it.extensions(), json);
      }
      case ReasoningPart it -> writeText(it.text(), json);
      case RefusalPart it -> {
        json.put(TYPE, "refusal").put("refusal", it.text());
        members.write(it.extensions(), json);
      }
      case ImagePart it -> {
        ObjectNode image = json.put(TYPE, "image_url").putObject("image_url");
        image.put("url", url(it.source()));
        it.detail().ifPresent(detail -> image.put("detail", detail.value()));
        members.write(it.extensions(), json, "image_url");
      }
      case FilePart it -> {
        writeFile(it, json);
        members.write(it.extensions(), json, "file");
      }
      case AudioPart it -> {
        ObjectNode audio = json.put(TYPE, "input_audio").putObject("input_audio");
        audio.put("data", it.base64()).put("format", it.format());
        members.write(it.extensions(), json, "input_audio");
      }
      case VendorPart it -> {
        return it.content();
      }
      case ToolCallPart _, ToolResultPart _, ReplayPart _ -> {
        warnings.addIgnored(part.path(), "the API has no such content in this message");
        writeText("", json);
      }
    }
    return json;
  }

  private static void writeText(String text, ObjectNode json) {
    json.put(TYPE, "text").put("text", text);
  }

  private void writeFile(FilePart file, ObjectNode json) {
    Optional<String> name = file.fileName().map(Member::value);
    if (!isOwnClient
        && file.source().value() instanceof InlineData(String mediaType, String base64)
        && mediaType.equals("text/plain")) {
      String text = MessageParts.decodeText(file.source().path(), base64);
      writeText(name.map(title -> title + "\n\n" + text).orElse(text), json);
      return;
    }
    ObjectNode definition = json.put(TYPE, "file").putObject("file");
    if (isOwnClient && file.source().value() instanceof UploadedFile(String id)) {
      definition.put("file_id", id);
    } else {
      definition.put("file_data", fileData(file.source()));
    }
    if (isOwnClient) {
      name.ifPresent(it -> definition.put("filename", it));
    } else {
      definition.put("filename", pdfName(name.orElse("document")));
    }
  }

  /// The API knows the type of a file by the extension of its name.
  private static String pdfName(String title) {
    return title.toLowerCase(Locale.ROOT).endsWith(".pdf") ? title : title + ".pdf";
  }

  private String fileData(Member<MediaSource> source) {
    if (!isOwnClient && source.value() instanceof UrlReference) {
      throw new InvalidInputException(
          source.path(), "is not supported: the API does not fetch files; send the data");
    }
    return url(source);
  }

  private static String url(Member<MediaSource> source) {
    return switch (source.value()) {
      case InlineData(String mediaType, String base64) -> "data:" + mediaType + ";base64," + base64;
      case UrlReference(String url) -> url;
      case UploadedFile _ -> throw MessageParts.unsupportedFile(source.path());
    };
  }
}
