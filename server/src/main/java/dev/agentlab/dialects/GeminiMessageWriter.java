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
import dev.agentlab.conversation.MediaSource;
import dev.agentlab.conversation.MediaSource.InlineData;
import dev.agentlab.conversation.MediaSource.UploadedFile;
import dev.agentlab.conversation.MediaSource.UrlReference;
import dev.agentlab.conversation.Member;
import dev.agentlab.errors.InvalidInputException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes the messages of a conversation as Gemini's `contents` and `systemInstruction`.
final class GeminiMessageWriter {
  /// The placeholder for a missing thought signature, which was lost or never existed because
  /// another model made the call (https://ai.google.dev/gemini-api/docs/thought-signatures#faqs).
  static final String SIGNATURE_PLACEHOLDER = "skip_thought_signature_validator";

  /// Models that require thought signatures; earlier models do not.
  private static final Pattern SIGNATURE_MODELS = Pattern.compile("(.*/)?gemini-([3-9]|\\d\\d).*");

  /// Media types by file name extension.
  private static final Map<String, String> MEDIA_TYPES =
      Map.of(
          "png", "image/png",
          "jpg", "image/jpeg",
          "jpeg", "image/jpeg",
          "webp", "image/webp",
          "gif", "image/gif",
          "heic", "image/heic",
          "heif", "image/heif",
          "pdf", "application/pdf");

  static final String NO_EQUIVALENT = "Gemini has no equivalent";

  private final TranslationWarnings warnings;
  private final boolean requiresSignatures;
  private final ArrayNode system = ProviderJson.array();

  /// The parts of the user that follow the results of the turn.
  private final ArrayNode afterResults = ProviderJson.array();

  private final ArrayNode contents = ProviderJson.array();

  /// The function name of each tool call so far, by call id: a tool result names only the call.
  private final Map<String, String> functionNames = new HashMap<>();

  GeminiMessageWriter(String model, TranslationWarnings warnings) {
    this.warnings = warnings;
    requiresSignatures = SIGNATURE_MODELS.matcher(model).matches();
  }

  /// @throws InvalidInputException if a message has content that Gemini does not support
  void write(List<ChatMessage> conversation, ObjectNode body) {
    for (ChatMessage message : conversation) {
      switch (message.role()) {
        case SYSTEM, DEVELOPER -> {
          if (!contents.isEmpty()) {
            warnings.add(
                message.path(),
                "is moved to the system instruction: Gemini accepts instructions only there");
          }
          system.addAll(parts(message.content()));
        }
        case USER -> {
          writeResults(message);
          writeAfterResults();
        }
        case TOOL -> writeResults(message);
        case ASSISTANT -> {
          writeAfterResults();
          writeAssistant(message);
        }
      }
      message
          .name()
          .ifPresent(name ->
              warnings.addIgnored(name.path(), "Gemini does not distinguish participants by name"));
      warnings.addIgnored(message.unread(), NO_EQUIVALENT);
    }
    writeAfterResults();
    if (!system.isEmpty()) {
      body.putObject("systemInstruction").set("parts", system);
    }
    body.set("contents", contents);
  }

  /// Adds parts to the last content if it has this role, because roles alternate, and otherwise to
  /// a new one. The results of a turn are a content of their own: Gemini takes a text beside them
  /// for a part of them.
  private void addContent(String role, ArrayNode parts) {
    if (parts.isEmpty()) {
      return;
    }
    if (contents.path(contents.size() - 1) instanceof ObjectNode last
        && last.path("role").stringValue("").equals(role)
        && hasResults(last.path("parts")) == hasResults(parts)) {
      last.withArrayProperty("parts").addAll(parts);
    } else {
      contents.addObject().put("role", role).set("parts", parts);
    }
  }

  /// Writes the results of a message. All of a turn are in one content, so that other parts wait.
  private void writeResults(ChatMessage message) {
    ArrayNode results = ProviderJson.array();
    for (ContentPart part : message.content()) {
      if (part instanceof ToolResultPart result) {
        results.add(part(result));
        if (!takesMediaInResults()) {
          media(result).forEach(this::moveBehindResults);
        }
      } else {
        addPart(part, afterResults);
      }
    }
    addContent("user", results);
  }

  private void moveBehindResults(ContentPart media) {
    warnings.add(media.path(), "is moved behind the result: the model accepts only text there");
    afterResults.add(part(media));
  }

  private void writeAfterResults() {
    addContent("user", afterResults.deepCopy());
    afterResults.removeAll();
  }

  private static boolean hasResults(JsonNode parts) {
    return parts.path(0).has("functionResponse");
  }

  /// Whether images and files may be in a function response
  /// (https://ai.google.dev/gemini-api/docs/function-calling#multimodal). The models are the same.
  private boolean takesMediaInResults() {
    return requiresSignatures;
  }

  private static List<ContentPart> media(ToolResultPart result) {
    return result.content().value().stream()
        .filter(part -> part instanceof ImagePart || part instanceof FilePart)
        .toList();
  }

  private void writeAssistant(ChatMessage message) {
    ArrayNode parts = ProviderJson.array();
    Optional<JsonNode> signature = Optional.empty();
    boolean hasCalls = false;
    for (ContentPart part : message.content()) {
      switch (part) {
        case ReasoningPart reasoning ->
            parts.addObject().put("text", reasoning.text()).put("thought", true);
        case ReplayPart replay -> {
          warnings.addIgnoredReplay(replay.data(), Gemini.VENDOR);
          JsonNode data = replay.data().of(Gemini.VENDOR);
          data.path("parts").forEach(parts::add);
          signature = Optional.of(data.path("thought_signature")).filter(JsonNode::isString);
        }
        case ToolCallPart call -> {
          if (!hasCalls) {
            signature.ifPresent(it -> addSignature(parts, it));
          }
          parts.add(functionCall(call, !hasCalls));
          hasCalls = true;
        }
        default -> addPart(part, parts);
      }
    }
    if (!hasCalls) {
      signature.ifPresent(it -> addSignature(parts, it));
    }
    addContent("model", parts);
  }

  private ArrayNode parts(List<ContentPart> content) {
    ArrayNode parts = ProviderJson.array();
    content.forEach(part -> addPart(part, parts));
    return parts;
  }

  /// Adds a part. Gemini rejects empty text parts, which OpenAI accepts.
  private void addPart(ContentPart part, ArrayNode parts) {
    JsonNode json = part(part);
    if (!json.path("text").stringValue("…").isEmpty() || json.has("thoughtSignature")) {
      parts.add(json);
    }
  }

  /// Attaches a signature to the last part, or to a new empty part if the last one is a thought.
  private static void addSignature(ArrayNode parts, JsonNode signature) {
    ObjectNode signed =
        parts.path(parts.size() - 1) instanceof ObjectNode last && !last.has("thought")
            ? last
            : parts.addObject().put("text", "");
    signed.set("thoughtSignature", signature);
  }

  private JsonNode part(ContentPart part) {
    ObjectNode json = ProviderJson.object();
    switch (part) {
      case TextPart text -> {
        json.put("text", text.text());
        warnings.addIgnored(text.extensions(), NO_EQUIVALENT);
      }
      case RefusalPart refusal -> {
        json.put("text", refusal.text());
        warnings.addIgnored(refusal.extensions(), NO_EQUIVALENT);
      }
      case ReasoningPart reasoning -> json.put("text", reasoning.text());
      case ImagePart image -> {
        writeMedia(image.source(), json);
        warnings.addIgnoredDetail(image, "Gemini selects the level of detail itself");
        warnings.addIgnored(image.extensions(), NO_EQUIVALENT);
      }
      case AudioPart audio -> {
        json.putObject("inlineData")
            .put("mimeType", "audio/" + audio.format())
            .put("data", audio.base64());
        warnings.addIgnored(audio.extensions(), NO_EQUIVALENT);
      }
      case FilePart file -> {
        writeMedia(file.source(), json);
        file.fileName()
            .ifPresent(
                name -> warnings.addIgnored(name.path(), "Gemini does not accept file names"));
        warnings.addIgnored(file.extensions(), NO_EQUIVALENT);
      }
      case ToolCallPart call -> {
        return functionCall(call, false);
      }
      case ToolResultPart result -> json.set("functionResponse", functionResponse(result));
      case ReplayPart replay -> throw MessageParts.misplaced(replay);
      case VendorPart vendor -> {
        return MessageParts.untypedContent(vendor);
      }
    }
    return json;
  }

  private static void writeMedia(Member<MediaSource> source, ObjectNode json) {
    switch (source.value()) {
      case InlineData(String mediaType, String base64) ->
          json.putObject("inlineData").put("mimeType", mediaType).put("data", base64);
      case UrlReference(String url)
          when url.startsWith("https://") || url.startsWith("http://") -> {
        ObjectNode file = json.putObject("fileData").put("fileUri", url);
        Optional.ofNullable(MEDIA_TYPES.get(extension(url).toLowerCase(Locale.ROOT)))
            .ifPresent(type -> file.put("mimeType", type));
      }
      case UrlReference _ ->
          throw new InvalidInputException(
              source.path(), "must be a base64 data: URL with a media type, or an https: URL");
      case UploadedFile _ -> throw MessageParts.unsupportedFile(source.path());
    }
  }

  private static String extension(String url) {
    String path = substringBefore('?', substringBefore('#', url));
    return path.substring(path.lastIndexOf('.') + 1);
  }

  private static String substringBefore(char delimiter, String text) {
    int at = text.indexOf(delimiter);
    return at < 0 ? text : text.substring(0, at);
  }

  /// @param isFirst whether it is the first call of its message, which needs a signature
  private ObjectNode functionCall(ToolCallPart call, boolean isFirst) {
    functionNames.put(call.id(), call.name());
    ObjectNode part = ProviderJson.object();
    part.putObject("functionCall")
        .put("id", call.id())
        .put("name", call.name())
        .set("args", ToolArguments.parse(call));
    call.replayData()
        .map(data -> data.of(Gemini.VENDOR).path("thought_signature"))
        .filter(JsonNode::isString)
        .ifPresent(signature -> part.set("thoughtSignature", signature));
    call.replayData().ifPresent(data -> warnings.addIgnoredReplay(data, Gemini.VENDOR));
    warnings.addIgnored(call.extensions(), NO_EQUIVALENT);
    if (isFirst && requiresSignatures && !part.has("thoughtSignature")) {
      part.put("thoughtSignature", SIGNATURE_PLACEHOLDER);
      warnings.add(
          call.path(),
          "has no thought signature, so the model cannot resume its reasoning from before the"
              + " call");
    }
    return part;
  }

  private ObjectNode functionResponse(ToolResultPart result) {
    String id = result.callId().value();
    String name = functionNames.get(id);
    if (name == null) {
      throw new InvalidInputException(
          result.callId().path(), "must be the id of a tool call in an earlier message");
    }
    warnings.addIgnored(result.extensions(), NO_EQUIVALENT);
    ObjectNode json = ProviderJson.object().put("id", id).put("name", name);
    json.set("response", response(result));
    List<ContentPart> media = media(result);
    if (!media.isEmpty() && takesMediaInResults()) {
      ArrayNode parts = json.putArray("parts");
      media.forEach(part -> parts.add(part(part)));
    }
    return json;
  }

  private ObjectNode response(ToolResultPart result) {
    StringBuilder content = new StringBuilder();
    for (ContentPart part : result.content().value()) {
      switch (part) {
        case TextPart text -> {
          content.append(text.text());
          warnings.addIgnored(text.extensions(), NO_EQUIVALENT);
        }
        case ImagePart _, FilePart _ -> {}
        default -> throw ToolArguments.unsupportedResult(result);
      }
    }
    String text = content.toString();
    if (result.isError().map(Member::value).orElse(false)) {
      return ProviderJson.object().put("error", text);
    }
    try {
      if (ProviderJson.MAPPER.readTree(text) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      // A result may be any text.
    }
    return ProviderJson.object().put("output", text);
  }
}
