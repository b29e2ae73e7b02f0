package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.errors.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// A model request in the dialect of the client: the JSON object of its API, and the model if that
/// is in the URL. Immutable.
public final class ModelRequest {
  /// Maximum size of a member that decides how the request is handled.
  private static final int MAX_ROUTING_BYTES = 4_096;

  /// Members of which a request has at most one.
  private static final List<Set<String>> ALTERNATIVES =
      List.of(Set.of("max_tokens", "max_completion_tokens"), Set.of("functions", "tools"));

  private final Operation operation;
  private final RequestJson json;

  /// What the URL says in an API whose JSON does not.
  private final Optional<Address> address;

  private final boolean usageIsOurs;
  private final Map<String, String> vendorHeaders;

  /// The members of OpenAI's chats that the request has where it has none of its own.
  private final Optional<ObjectNode> defaults;

  /// @param model the name of the model
  private record Address(String model, boolean isStreaming) {}

  private ModelRequest(
      Operation operation,
      RequestJson json,
      Optional<Address> address,
      boolean usageIsOurs,
      Map<String, String> vendorHeaders,
      Optional<ObjectNode> defaults) {
    this.operation = operation;
    this.json = json;
    this.address = address;
    this.usageIsOurs = usageIsOurs;
    this.vendorHeaders = vendorHeaders;
    this.defaults = defaults;
  }

  /// A request that the service built itself.
  ///
  /// @param body must not be changed afterwards
  public static ModelRequest of(Operation operation, ObjectNode body) {
    return of(operation, new RequestTree(body), Optional.empty());
  }

  /// Scans a request that a client sent. The provider receives the same bytes, except for members
  /// that are changed, unless the request has to be translated.
  ///
  /// @param bytes must not be changed afterwards
  /// @throws InvalidInputException if the bytes are not a JSON object, or if an object has a
  ///   duplicate member
  public static ModelRequest parse(Operation operation, byte[] bytes) {
    return of(operation, RequestBytes.scan(bytes), Optional.empty());
  }

  /// Scans a request of Google's API, which has the model in its URL.
  ///
  /// @param bytes must not be changed afterwards
  /// @throws InvalidInputException as [#parse(Operation, byte\[\])]
  public static ModelRequest parse(
      Operation operation, String model, boolean isStreaming, byte[] bytes) {
    return of(operation, RequestBytes.scan(bytes), Optional.of(new Address(model, isStreaming)));
  }

  private static ModelRequest of(Operation operation, RequestJson json, Optional<Address> address) {
    return new ModelRequest(operation, json, address, false, Map.of(), Optional.empty());
  }

  private ModelRequest withJson(RequestJson changed, boolean isUsageOurs) {
    return new ModelRequest(operation, changed, address, isUsageOurs, vendorHeaders, defaults);
  }

  /// A copy that requests the usage of a stream, unless the client requested it already, or its API
  /// always has it. The usage is then recorded but not passed to the client.
  public ModelRequest withStreamUsage() {
    if (operation != Operation.CHAT && operation != Operation.COMPLETIONS) {
      return this;
    }
    JsonNode options = routingValue("stream_options");
    boolean isRequested = options.path("include_usage").booleanValue(false);
    boolean canRequest = options.isObject() || options.isNull() || options.isMissingNode();
    if (!isStreaming() || isRequested || !canRequest) {
      return this;
    }
    ObjectNode counting = JsonNodeFactory.instance.objectNode();
    if (options instanceof ObjectNode given) {
      counting.setAll(given);
    }
    return withJson(json.with("stream_options", counting.put("include_usage", true)), true);
  }

  /// A copy for this model.
  public ModelRequest withModel(String name) {
    if (model().equals(name)) {
      return this;
    }
    return address.isPresent()
        ? new ModelRequest(
            operation,
            json,
            Optional.of(new Address(name, address.get().isStreaming())),
            usageIsOurs,
            vendorHeaders,
            defaults)
        : withJson(json.with("model", StringNode.valueOf(name)), usageIsOurs);
  }

  /// A request of [Operation#COMPLETIONS] in the form of a chat.
  ///
  /// @throws InvalidInputException if a chat cannot do what the request asks for; names the member
  public ModelRequest toChat() {
    return withJson(Completions.toChat(json), usageIsOurs);
  }

  /// A copy of a request for a response with other input.
  public ModelRequest withInput(ArrayNode items) {
    return withJson(json.with("input", items), usageIsOurs);
  }

  /// A copy without a member.
  public ModelRequest without(String member) {
    return json.has(member) ? withJson(json.without(member), usageIsOurs) : this;
  }

  /// A copy for another operation whose requests have the same form.
  public ModelRequest withOperation(Operation other) {
    return new ModelRequest(other, json, address, usageIsOurs, vendorHeaders, defaults);
  }

  /// A copy with a member, unless the request has it.
  ModelRequest withDefault(String member, JsonNode value) {
    return json.has(member) ? this : withJson(json.with(member, value), usageIsOurs);
  }

  /// A copy with a system prompt before its own messages, and with options where it has none of its
  /// own.
  ///
  /// @param systemPrompt empty for none
  /// @param options members of OpenAI's chats, or of its embeddings
  /// @throws InvalidInputException if a chat has no array of messages
  public ModelRequest withDefaults(String systemPrompt, ObjectNode options) {
    return switch (operation) {
      case MESSAGES,
          GENERATE_CONTENT,
          RESPONSES,
          CHAT_WITH_INPUT,
          COUNT_RESPONSE_TOKENS,
          COMPACT_RESPONSE ->
          withTranslatedDefaults(systemPrompt, options);
      case EMBED_CONTENT, BATCH_EMBED_CONTENTS -> withTranslatedDefaults("", options);
      case COUNT_TOKENS, COUNT_CONTENT_TOKENS ->
          withTranslatedDefaults(systemPrompt, JsonNodeFactory.instance.objectNode());
      default -> withOwnDefaults(systemPrompt, options);
    };
  }

  /// A copy of a request in OpenAI's form.
  private ModelRequest withOwnDefaults(String systemPrompt, ObjectNode options) {
    ModelRequest changed = this;
    if (operation.isChat() && !systemPrompt.isEmpty()) {
      changed =
          changed.withJson(
              json.withFirstElement("messages", systemMessage(systemPrompt)), usageIsOurs);
    }
    for (Map.Entry<String, JsonNode> option : options.properties()) {
      if (appliesHere(option.getKey())) {
        changed = changed.withDefault(option.getKey(), option.getValue());
      }
    }
    return changed;
  }

  /// A copy of a request in another form than OpenAI's. Earlier defaults take precedence.
  private ModelRequest withTranslatedDefaults(String systemPrompt, ObjectNode options) {
    ObjectNode chat = JsonNodeFactory.instance.objectNode();
    options.forEachEntry((name, value) -> {
      if (appliesHere(name)) {
        chat.set(name, value);
      }
    });
    defaults.ifPresent(chat::setAll);
    String earlier = defaultValue("messages").at("/0/content").stringValue("");
    String prompt =
        Stream.of(systemPrompt, earlier)
            .filter(it -> !it.isEmpty())
            .collect(Collectors.joining("\n\n"));
    if (!prompt.isEmpty()) {
      chat.putArray("messages").add(systemMessage(prompt));
    }
    return new ModelRequest(
        operation, json, address, usageIsOurs, vendorHeaders, Optional.of(chat));
  }

  private static ObjectNode systemMessage(String prompt) {
    return JsonNodeFactory.instance.objectNode().put("role", "system").put("content", prompt);
  }

  /// Whether a default applies to the request: only a stream has options of streams, and a request
  /// has at most one of some members.
  private boolean appliesHere(String option) {
    return (isStreaming() || !option.equals("stream_options"))
        && ALTERNATIVES.stream()
            .filter(it -> it.contains(option))
            .noneMatch(it -> it.stream().anyMatch(json::has));
  }

  /// A copy whose response has at most this many tokens: a larger limit of its own is lowered.
  ///
  /// @param chatMember the name of the limit in OpenAI's chats, which depends on the provider
  public ModelRequest withMaxOutputTokens(long limit, String chatMember) {
    return switch (operation) {
      case CHAT -> withLimit(limit, List.of("max_completion_tokens", "max_tokens"), chatMember);
      case COMPLETIONS, MESSAGES -> withLimit(limit, List.of("max_tokens"), "max_tokens");
      case RESPONSES, CHAT_WITH_INPUT ->
          withLimit(limit, List.of("max_output_tokens"), "max_output_tokens");
      case GENERATE_CONTENT -> withGenerationLimit(limit);
      default -> this;
    };
  }

  private ModelRequest withLimit(long limit, List<String> members, String absent) {
    ModelRequest limited = this;
    for (String member : members) {
      JsonNode given = routingValue(member);
      if (given.isNumber() && given.asDouble() > limit) {
        limited = limited.withJson(limited.json.with(member, LongNode.valueOf(limit)), usageIsOurs);
      }
    }
    return members.stream().anyMatch(json::has)
        ? limited
        : limited.withJson(limited.json.with(absent, LongNode.valueOf(limit)), usageIsOurs);
  }

  /// Google's clients send either spelling.
  private ModelRequest withGenerationLimit(long limit) {
    String config = json.has("generation_config") ? "generation_config" : "generationConfig";
    ObjectNode limited = JsonNodeFactory.instance.objectNode();
    if (json.value(config) instanceof ObjectNode given) {
      limited.setAll(given);
    }
    String member = limited.has("max_output_tokens") ? "max_output_tokens" : "maxOutputTokens";
    JsonNode given = limited.path(member);
    if (given.isNumber() && given.asDouble() <= limit) {
      return this;
    }
    return withJson(json.with(config, limited.put(member, limit)), usageIsOurs);
  }

  /// Whether the request has reasoning that a vendor has encrypted, so that only its API can read
  /// it.
  public boolean hasEncryptedReasoning() {
    return ReplayCarrier.hasOthers(json.toBytes());
  }

  /// A copy with header fields for a provider whose dialect the client speaks.
  public ModelRequest withVendorHeaders(Map<String, String> headers) {
    return new ModelRequest(operation, json, address, usageIsOurs, Map.copyOf(headers), defaults);
  }

  public Operation operation() {
    return operation;
  }

  /// What the request has where it has none of its own.
  ///
  /// @throws InvalidInputException if an option of an agent is not valid
  Optional<ChatRequest> defaults() {
    return defaults.map(it -> ChatCompletionsRequestReader.readDefaults(model(), it));
  }

  /// The value of a default; a missing node if there is none.
  JsonNode defaultValue(String member) {
    return defaults.map(it -> it.path(member)).orElseGet(MissingNode::getInstance);
  }

  RequestJson json() {
    return json;
  }

  /// The JSON object, which must not be changed; built at each call for a request that a client
  /// sent.
  public ObjectNode body() {
    return json.toTree();
  }

  /// Whether the request has a member.
  public boolean has(String name) {
    return json.has(name);
  }

  /// The value of a member; a missing node if it is absent.
  public JsonNode member(String name) {
    return json.value(name);
  }

  /// The size of a member that a client sent, in bytes; 0 if it is absent.
  public int length(String member) {
    return json.length(member);
  }

  /// Whether a word of ASCII stands anywhere in the JSON. Reads bytes, because most requests are
  /// large and do not have it.
  public boolean mentions(String word) {
    return Utf8.contains(json.toBytes(), word.getBytes(StandardCharsets.US_ASCII));
  }

  /// Whether a client sent the request, so that its JSON is not in memory as a tree.
  public boolean isReceived() {
    return json instanceof RequestBytes;
  }

  /// The header fields for a provider whose dialect the client speaks.
  Map<String, String> vendorHeaders() {
    return vendorHeaders;
  }

  /// The name of the model; an empty string if it is absent.
  public String model() {
    return address.map(Address::model).orElseGet(() -> routingValue("model").stringValue(""));
  }

  private JsonNode routingValue(String member) {
    if (json.length(member) > MAX_ROUTING_BYTES) {
      throw new InvalidInputException(
          member, "must have at most %d bytes".formatted(MAX_ROUTING_BYTES));
    }
    return json.value(member);
  }

  /// Whether the response is requested as an event stream.
  public boolean isStreaming() {
    return address
        .map(Address::isStreaming)
        .orElseGet(() -> operation.isChat() && routingValue("stream").equals(BooleanNode.TRUE));
  }

  /// The properties of this request that the reader of its stream needs.
  public ExpectedStream expectedStream() {
    return new ExpectedStream(
        operation,
        model(),
        routingValue("n").intValue(1) > 1,
        routingValue("stream_options").path("include_usage").booleanValue(false),
        usageIsOurs,
        isStored());
  }

  private boolean isStored() {
    JsonNode store = json.has("store") ? routingValue("store") : defaultValue("store");
    return !store.equals(BooleanNode.FALSE);
  }

  /// The JSON as bytes; those that the client sent, except for changed members.
  public byte[] bytes() {
    return json.toBytes();
  }
}
