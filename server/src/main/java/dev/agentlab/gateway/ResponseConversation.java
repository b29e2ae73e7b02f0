package dev.agentlab.gateway;

import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.dialects.ResponseIds;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.http.Request;
import dev.agentlab.memory.JsonFootprint;
import dev.agentlab.modelclient.PlannedTarget;
import dev.agentlab.responses.Responses;
import dev.agentlab.responses.StoredResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// The conversation that a request for a response continues: the response that
/// `previous_response_id` names with all before it, and the items to which `item_reference` refers.
///
/// @param previous the id of the previous response
/// @param references the ids of the responses with the items to which the input refers
record ResponseConversation(Optional<String> previous, Set<String> references) {
  private static final String PREVIOUS = "previous_response_id";
  private static final String INPUT = "input";
  private static final String REFERENCE = "item_reference";

  /// The maximum size of the items to which a request refers, each as often as it does.
  private static final int MAX_REFERENCED = 16 << 20;

  /// @throws InvalidInputException if the request refers to a conversation that only a provider has
  static ResponseConversation of(ModelRequest request) {
    JsonNode conversation = request.member("conversation");
    if (!conversation.isMissingNode() && !conversation.isNull()) {
      throw new InvalidInputException(
          "conversation", "must be absent: send previous_response_id, or the whole conversation");
    }
    JsonNode previous = request.member(PREVIOUS);
    if (!previous.isMissingNode() && !previous.isNull() && !previous.isString()) {
      throw new InvalidInputException(PREVIOUS, "must be a string");
    }
    return new ResponseConversation(
        previous.stringValueOpt().filter(id -> !id.isEmpty()),
        request.mentions(REFERENCE) ? references(request.member(INPUT)) : Set.of());
  }

  /// The ids of our responses with the referenced items. Those of a provider are not known here.
  private static Set<String> references(JsonNode input) {
    return input
        .valueStream()
        .filter(ResponseConversation::isReference)
        .flatMap(item -> ResponseIds.responseOf(item.path("id").stringValue("")).stream())
        .collect(Collectors.toSet());
  }

  private static boolean isReference(JsonNode item) {
    return item.path("type").stringValue("").equals(REFERENCE)
        // The type may be left out.
        || (item.size() == 1 && item.has("id"));
  }

  boolean isEmpty() {
    return previous.isEmpty() && references.isEmpty();
  }

  /// A request with the conversation that it continues.
  ///
  /// @param whole has the whole conversation as its input, unless its provider has that
  /// @param model the targets that can continue the conversation
  record ContinuedRequest(ModelRequest whole, ResolvedModel model) {}

  /// Finds the conversation. Blocks.
  ///
  /// @throws GatewayException.ResponseNotFound if the caller has no such response
  ContinuedRequest resolve(
      ModelRequest received, ResolvedModel model, Request<?> request, Responses responses) {
    List<StoredResponse> earlier =
        previous.map(id -> findConversation(id, request, responses)).orElse(List.of());
    if (!earlier.isEmpty() && earlier.getLast().content().isEmpty()) {
      return continueAtProvider(earlier.getLast(), received, model, request, responses);
    }
    ArrayNode items = JsonNodeFactory.instance.arrayNode();
    addConversation(earlier, request, items);
    inputItems(received.member(INPUT)).forEach(items::add);
    boolean hasNative = model.targets().stream().anyMatch(ResponseConversation::isNative);
    ModelRequest whole =
        received.withInput(withoutReferences(items, request, hasNative, responses));
    ResolvedModel continuing =
        model.thenPrepare(ResponseConversation::isNative, it -> it.without(PREVIOUS));
    return new ContinuedRequest(
        whole,
        earlier.isEmpty() ? continuing : continuing.preferring(earlier.getLast().provider()));
  }

  /// Continues a conversation that a provider keeps.
  private ContinuedRequest continueAtProvider(
      StoredResponse last,
      ModelRequest received,
      ResolvedModel model,
      Request<?> request,
      Responses responses) {
    ResolvedModel keeping =
        model
            .only(it -> isNative(it) && it.target().provider().equals(last.provider()))
            .orElseThrow(() -> keptElsewhere(last));
    return new ContinuedRequest(
        references.isEmpty()
            ? received
            : received.withInput(
                withoutReferences(inputItems(received.member(INPUT)), request, true, responses)),
        keeping);
  }

  private static boolean isNative(PlannedTarget planned) {
    return ModelCalls.isNative(planned, Operation.RESPONSES);
  }

  private static List<StoredResponse> findConversation(
      String id, Request<?> request, Responses responses) {
    List<StoredResponse> found =
        responses.findConversation(request.caller(), id, reserveText(request));
    if (found.isEmpty()) {
      throw new GatewayException.ResponseNotFound(id);
    }
    return found;
  }

  /// Reserves the memory of texts, given their size in bytes.
  static LongConsumer reserveText(Request<?> request) {
    return bytes -> request.reserveMemory(JsonFootprint.ofText(bytes));
  }

  private static void addConversation(
      List<StoredResponse> earlier, Request<?> request, ArrayNode items) {
    if (!earlier.isEmpty()
        && earlier.getFirst().content().isPresent()
        && earlier.getFirst().previous().isPresent()) {
      throw new GatewayException.ResponseNotFound(earlier.getFirst().previous().get());
    }
    for (StoredResponse response : earlier) {
      StoredResponse.Content content =
          response.content().orElseThrow(() -> keptElsewhere(response));
      parse(content.input(), request).forEach(items::add);
      parse(content.response(), request).path("output").forEach(items::add);
    }
  }

  private static JsonNode parse(String json, Request<?> request) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    request.reserveMemory(JsonFootprint.ofTree(JsonFootprint.countNodes(bytes)));
    return ProviderJson.MAPPER.readTree(bytes);
  }

  private static InvalidInputException keptElsewhere(StoredResponse response) {
    return new InvalidInputException(
        PREVIOUS,
        "names a response that the provider `%s` keeps: call a model of that provider, or send the whole conversation"
            .formatted(response.provider()));
  }

  /// The items of an input, which may be a text.
  static ArrayNode inputItems(JsonNode input) {
    ArrayNode items = JsonNodeFactory.instance.arrayNode();
    if (input.isString()) {
      items.addObject().put("type", "message").put("role", "user").set("content", input);
    } else {
      input.forEach(items::add);
    }
    return items;
  }

  /// @param hasNative whether a provider may know items that are not known here
  private static ArrayNode withoutReferences(
      ArrayNode items, Request<?> request, boolean hasNative, Responses responses) {
    Map<String, JsonNode> known = referencedItems(references(items), request, responses);
    ArrayNode resolved = JsonNodeFactory.instance.arrayNode();
    long characters = 0;
    for (JsonNode item : items) {
      String id = item.path("id").stringValue("");
      // A provider knows the items of its own responses.
      boolean isOurs = ResponseIds.responseOf(id).isPresent() || !hasNative;
      if (!isReference(item) || !isOurs) {
        resolved.add(item);
        continue;
      }
      JsonNode referenced = known.get(id);
      if (referenced == null) {
        throw new GatewayException.ResponseNotFound(id);
      }
      characters += referenced.toString().length();
      if (characters > MAX_REFERENCED) {
        throw new InvalidInputException(
            INPUT,
            "must refer to items of at most %d characters together".formatted(MAX_REFERENCED));
      }
      resolved.add(referenced);
    }
    return resolved;
  }

  /// The items of responses, by id.
  private static Map<String, JsonNode> referencedItems(
      Set<String> ids, Request<?> request, Responses responses) {
    Map<String, JsonNode> items = new HashMap<>();
    if (!ids.isEmpty()) {
      Map<String, StoredResponse> found =
          responses.find(request.caller(), ids, reserveText(request));
      for (StoredResponse response : found.values()) {
        response
            .content()
            .ifPresent(content ->
                parse(content.response(), request)
                    .path("output")
                    .forEach(item -> items.put(item.path("id").stringValue(""), item)));
      }
    }
    return items;
  }
}
