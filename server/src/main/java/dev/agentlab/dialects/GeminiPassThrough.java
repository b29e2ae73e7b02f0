package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.memory.MemoryBudget;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// How requests and responses of Google's API pass to and from Google, as the bytes that they are.
final class GeminiPassThrough implements PassThrough {
  private static final String GENERATE_REQUEST = "generateContentRequest";
  private static final String REQUESTS = "requests";
  private static final String DIMENSIONS = "outputDimensionality";

  @Override
  public ProviderRequest request(ModelRequest request) {
    TranslationWarnings warnings = new TranslationWarnings();
    RequestJson json = withModel(request);
    byte[] body = withDefaults(json, request, warnings).toBytes();
    if (ReplayCarrier.mayBeIn(body)) {
      body = ProviderJson.MAPPER.writeValueAsBytes(withoutCarriers(body));
    }
    return new ProviderRequest(
        Gemini.path(request.model(), request.operation(), request.isStreaming()),
        request.vendorHeaders(),
        body,
        warnings.messages());
  }

  /// Names the model where the JSON repeats it.
  private static RequestJson withModel(ModelRequest request) {
    StringNode name = StringNode.valueOf(Gemini.path(request.model()));
    RequestJson json = request.json();
    if (json.has("model")) {
      json = json.with("model", name);
    }
    for (String inner : new String[] {GENERATE_REQUEST, "generate_content_request"}) {
      if (json.value(inner) instanceof ObjectNode object) {
        json = json.with(inner, object.deepCopy().set("model", name));
      }
    }
    if (request.operation() == Operation.BATCH_EMBED_CONTENTS
        && json.value(REQUESTS) instanceof ArrayNode requests) {
      ArrayNode named = ProviderJson.array();
      for (JsonNode it : requests) {
        named.add(it instanceof ObjectNode object ? object.deepCopy().set("model", name) : it);
      }
      json = json.with(REQUESTS, named);
    }
    return json;
  }

  private static RequestJson withDefaults(
      RequestJson json, ModelRequest request, TranslationWarnings warnings) {
    return switch (request.operation()) {
      case GENERATE_CONTENT ->
          request.defaults().map(it -> withDefaults(json, written(it, warnings))).orElse(json);
      case COUNT_CONTENT_TOKENS ->
          request
              .defaults()
              .map(it -> withCountedDefaults(json, written(it, warnings), request))
              .orElse(json);
      case EMBED_CONTENT -> withDimensions(json, request.defaultValue("dimensions"));
      default -> withRequestDimensions(json, request.defaultValue("dimensions"));
    };
  }

  /// The system prompt and the options of an agent, in the form of this API.
  private static ObjectNode written(ChatRequest defaults, TranslationWarnings warnings) {
    return new GeminiRequestWriter(defaults, warnings).json();
  }

  private static RequestJson withDefaults(RequestJson json, ObjectNode defaults) {
    RequestJson merged = json;
    for (Map.Entry<String, JsonNode> member : defaults.properties()) {
      String name = spelling(member.getKey(), json);
      JsonNode own = json.value(name);
      if (name.equals("contents")) {
        continue;
      }
      if (own.isMissingNode() || own.isNull()) {
        merged = merged.with(name, member.getValue());
      } else if (own instanceof ObjectNode object) {
        merged = merged.with(name, merge(object, member));
      }
    }
    return merged;
  }

  /// The spelling of a member that the client uses.
  private static String spelling(String name, RequestJson json) {
    String other = snakeCase(name);
    return json.has(other) ? other : name;
  }

  private static String snakeCase(String name) {
    StringBuilder snakeCase = new StringBuilder(name.length() + 2);
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (Character.isUpperCase(c)) {
        snakeCase.append('_');
      }
      snakeCase.append(Character.toLowerCase(c));
    }
    return snakeCase.toString();
  }

  /// The value of a member with what it lacks; the instructions of the agent come first.
  private static ObjectNode merge(ObjectNode own, Map.Entry<String, JsonNode> member) {
    ObjectNode merged = own.deepCopy();
    if (member.getKey().equals("systemInstruction")) {
      ArrayNode parts = ProviderJson.array();
      member.getValue().path("parts").forEach(parts::add);
      own.path("parts").forEach(parts::add);
      return merged.set("parts", parts);
    }
    if (member.getKey().equals("generationConfig")) {
      member
          .getValue()
          .forEachEntry((name, value) -> {
            if (!merged.has(name) && !merged.has(snakeCase(name))) {
              merged.set(name, value);
            }
          });
    }
    return merged;
  }

  /// Only a whole request has a system instruction, which is counted too.
  private static RequestJson withCountedDefaults(
      RequestJson json, ObjectNode defaults, ModelRequest request) {
    String name = spelling(GENERATE_REQUEST, json);
    ObjectNode whole =
        json.value(name) instanceof ObjectNode object ? object.deepCopy() : json.toTree();
    ObjectNode merged = withDefaults(new RequestTree(whole), defaults).toTree();
    ObjectNode named = ProviderJson.object().put("model", Gemini.path(request.model()));
    ObjectNode wrapped = ProviderJson.object();
    wrapped.set(GENERATE_REQUEST, named.setAll(merged));
    return new RequestTree(wrapped);
  }

  private static RequestJson withDimensions(RequestJson json, JsonNode dimensions) {
    return dimensions.isMissingNode() || json.has(DIMENSIONS) || json.has(snakeCase(DIMENSIONS))
        ? json
        : json.with(DIMENSIONS, dimensions);
  }

  private static RequestJson withRequestDimensions(RequestJson json, JsonNode dimensions) {
    if (dimensions.isMissingNode() || !(json.value(REQUESTS) instanceof ArrayNode requests)) {
      return json;
    }
    ArrayNode changed = ProviderJson.array();
    for (JsonNode it : requests) {
      changed.add(
          it instanceof ObjectNode object
              ? withDimensions(new RequestTree(object), dimensions).toTree()
              : it);
    }
    return json.with(REQUESTS, changed);
  }

  /// Removes the data of other vendors, whose models answered earlier in the conversation: Google
  /// refuses a signature that is not its own. A call must have one, and may have a placeholder.
  private static JsonNode withoutCarriers(byte[] body) {
    JsonNode json = ProviderJson.MAPPER.readTree(body);
    json.findParents("thoughtSignature").forEach(it -> removeCarrier(it, "thoughtSignature"));
    json.findParents("thought_signature").forEach(it -> removeCarrier(it, "thought_signature"));
    return json;
  }

  private static void removeCarrier(JsonNode part, String name) {
    if (part instanceof ObjectNode object
        && ReplayCarrier.decode(object.path(name).stringValue("")).isPresent()) {
      if (object.has("functionCall") || object.has("function_call")) {
        object.put(name, GeminiMessageWriter.SIGNATURE_PLACEHOLDER);
      } else {
        object.remove(name);
      }
    }
  }

  @Override
  public Optional<CompleteAnswer> scan(Operation operation, byte[] body) {
    return GeminiScanner.scan(body);
  }

  @Override
  public CompleteAnswer read(Operation operation, JsonNode json, byte[] body) {
    boolean hasResult =
        json.path("candidates").isArray()
            || json.path("promptFeedback").isObject()
            || json.path("embedding").isObject()
            || json.path("embeddings").isArray();
    if (!hasResult) {
      throw new ProviderErrorException("the response has no candidates", Optional.empty());
    }
    return new CompleteAnswer(
        body,
        GeminiResponseReader.usage(json.path("usageMetadata")),
        GeminiResponseReader.firstReason(json));
  }

  @Override
  public StreamReader stream(ExpectedStream expected, MemoryBudget.Reservation memory) {
    return new GeminiTap(memory);
  }
}
