package dev.agentlab.dialects;

import com.google.re2j.Pattern;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Translates the messages of a canonical request to Gemini's `contents` and `systemInstruction`.
final class GeminiMessages {
  /// The placeholder for a missing thought signature, which was lost or never existed because
  /// another model made the call (https://ai.google.dev/gemini-api/docs/thought-signatures#faqs).
  private static final String SIGNATURE_PLACEHOLDER = "skip_thought_signature_validator";

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

  private final RequestMemberReader request;
  private final boolean requiresSignatures;
  private final ArrayNode system = ChatSink.array();
  private final ArrayNode contents = ChatSink.array();

  /// The function name of each tool call so far, by call id: a tool result names only the call.
  private final Map<String, String> functionNames = new HashMap<>();

  GeminiMessages(RequestMemberReader request, String model) {
    this.request = request;
    requiresSignatures = SIGNATURE_MODELS.matcher(model).matches();
  }

  /// @throws dev.agentlab.errors.InvalidInputException if a message has content that Gemini does
  ///   not support
  void write(ObjectNode body) {
    JsonNode messages = request.take("messages");
    if (!messages.isArray() || messages.isEmpty()) {
      throw request.invalid("messages", "must be a non-empty array of messages");
    }
    ArrayNode results = ChatSink.array();
    for (int i = 0; i < messages.size(); i++) {
      String path = "messages[%d]".formatted(i);
      RequestMemberReader message = request.nested(path, messages.path(i));
      String role = message.required("role");
      if (!role.equals("tool")) {
        results = ChatSink.array();
      }
      switch (role) {
        case "system", "developer" -> {
          if (!contents.isEmpty()) {
            request.warn(
                path, "is moved to the system instruction: Gemini accepts instructions only there");
          }
          content(message, message.take("content"), system);
        }
        case "user" -> content(message, message.take("content"), addContent("user"));
        case "assistant" -> assistant(message);
        case "tool" -> {
          if (results.isEmpty()) {
            results = addContent("user");
          }
          results.addObject().set("functionResponse", result(message));
        }
        default ->
            throw message.invalid("role", "must be system, developer, user, assistant or tool");
      }
      message.ignore("name", "Gemini does not distinguish participants by name");
      message.ignoreRest("Gemini has no equivalent");
    }
    if (!system.isEmpty()) {
      body.putObject("systemInstruction").set("parts", system);
    }
    body.set("contents", contents);
  }

  private ArrayNode addContent(String role) {
    return contents.addObject().put("role", role).putArray("parts");
  }

  private static void content(RequestMemberReader message, JsonNode content, ArrayNode parts) {
    message.translateContent(
        content, text -> ChatSink.object().put("text", text), GeminiMessages::part, parts);
  }

  private static JsonNode part(RequestMemberReader part, JsonNode original) {
    Optional<String> type = part.text("type");
    if (type.isEmpty()) {
      return original;
    }
    ObjectNode json = ChatSink.object();
    switch (type.get()) {
      case "text" -> part.move("text", json, "text");
      case "refusal" -> part.move("refusal", json, "text");
      case "image_url" -> {
        RequestMemberReader image = part.nested("image_url", part.take("image_url"));
        media(image, "url", json);
        image
            .text("detail")
            .filter(detail -> !detail.equals("auto"))
            .ifPresent(
                _ -> image.warnIgnored("detail", "Gemini selects the level of detail itself"));
      }
      case "input_audio" -> {
        RequestMemberReader audio = part.nested("input_audio", part.take("input_audio"));
        json.putObject("inlineData")
            .put("mimeType", "audio/" + audio.required("format"))
            .put("data", audio.required("data"));
      }
      case "file" -> {
        RequestMemberReader file = part.nested("file", part.take("file"));
        file.reject("file_id", "is not supported: use file_data");
        media(file, "file_data", json);
        file.ignore("filename", "Gemini does not accept file names");
      }
      default -> throw part.invalid("type", "must be text, image_url, input_audio or file");
    }
    part.ignoreRest("Gemini has no equivalent");
    return json;
  }

  private static void media(RequestMemberReader members, String member, ObjectNode json) {
    String url = members.required(member);
    Optional<DataUrl> data = DataUrl.parse(url);
    if (data.isPresent()) {
      json.putObject("inlineData")
          .put("mimeType", data.get().type())
          .put("data", data.get().base64());
      return;
    }
    if (!url.startsWith("https://") && !url.startsWith("http://")) {
      throw members.invalid(
          member, "must be a base64 data: URL with a media type, or an https: URL");
    }
    ObjectNode file = json.putObject("fileData").put("fileUri", url);
    Optional.ofNullable(MEDIA_TYPES.get(extension(url).toLowerCase(Locale.ROOT)))
        .ifPresent(type -> file.put("mimeType", type));
  }

  /// The text after the last dot of the path of a URL.
  private static String extension(String url) {
    String path = substringBefore('?', substringBefore('#', url));
    return path.substring(path.lastIndexOf('.') + 1);
  }

  private static String substringBefore(char delimiter, String text) {
    int at = text.indexOf(delimiter);
    return at < 0 ? text : text.substring(0, at);
  }

  private void assistant(RequestMemberReader message) {
    ArrayNode parts = ChatSink.array();
    message.reject("function_call", "is deprecated and not supported: use tool_calls");
    message.reject("audio", "is not supported: put the transcript in content");
    JsonNode calls = message.list("tool_calls");
    JsonNode google = message.take(Gemini.EXTRA_CONTENT).path(Gemini.GOOGLE);
    message
        .text("reasoning_content")
        .ifPresent(reasoning -> parts.addObject().put("text", reasoning).put("thought", true));
    google.path("parts").forEach(parts::add);
    JsonNode content = message.take("content");
    if (!content.isMissingNode()) {
      ArrayNode contentParts = ChatSink.array();
      content(message, content, contentParts);
      contentParts.valueStream().filter(GeminiMessages::hasContent).forEach(parts::add);
    }
    message.text("refusal").ifPresent(text -> parts.addObject().put("text", text));
    if (google.path("thought_signature").isString()) {
      addSignature(parts, google.path("thought_signature"));
    }
    for (int i = 0; i < calls.size(); i++) {
      String path = "tool_calls[%d]".formatted(i);
      ObjectNode part = call(message.nested(path, calls.path(i)));
      if (i == 0 && requiresSignatures && !part.has("thoughtSignature")) {
        part.put("thoughtSignature", SIGNATURE_PLACEHOLDER);
        message.warn(
            path,
            "has no thought signature in extra_content.google, so the model cannot resume its"
                + " reasoning from before the call");
      }
      parts.add(part);
    }
    if (!parts.isEmpty()) {
      addContent("model").addAll(parts);
    }
  }

  private static boolean hasContent(JsonNode part) {
    return !part.path("text").stringValue("…").isEmpty() || part.has("thoughtSignature");
  }

  /// Attaches a signature to the last part, or to a new empty part if the last one is a thought.
  private static void addSignature(ArrayNode parts, JsonNode signature) {
    ObjectNode signed =
        parts.path(parts.size() - 1) instanceof ObjectNode last && !last.has("thought")
            ? last
            : parts.addObject().put("text", "");
    signed.set("thoughtSignature", signature);
  }

  private ObjectNode call(RequestMemberReader call) {
    String id = call.required("id");
    if (!call.text("type").orElse("function").equals("function")) {
      throw call.invalid("type", "must be function");
    }
    RequestMemberReader function = call.nested("function", call.take("function"));
    String name = function.required("name");
    functionNames.put(id, name);
    ObjectNode part = ChatSink.object();
    part.putObject("functionCall")
        .put("id", id)
        .put("name", name)
        .set("args", ToolArguments.parse(function, "arguments"));
    JsonNode signature =
        call.take(Gemini.EXTRA_CONTENT).path(Gemini.GOOGLE).path("thought_signature");
    if (signature.isString()) {
      part.set("thoughtSignature", signature);
    }
    call.ignoreRest("Gemini has no equivalent");
    return part;
  }

  private ObjectNode result(RequestMemberReader message) {
    String id = message.required("tool_call_id");
    String name = functionNames.get(id);
    if (name == null) {
      throw message.invalid("tool_call_id", "must be the id of a tool call in an earlier message");
    }
    ObjectNode result = ChatSink.object().put("id", id).put("name", name);
    String text = ToolArguments.resultText(message);
    try {
      if (ProviderJson.MAPPER.readTree(text) instanceof ObjectNode object) {
        return result.set("response", object);
      }
    } catch (JacksonException e) {
      // A result may be any text.
    }
    result.putObject("response").put("output", text);
    return result;
  }
}
