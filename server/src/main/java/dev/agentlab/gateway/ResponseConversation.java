package dev.agentlab.gateway;

import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.ResponseIds;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.json.Json;
import dev.agentlab.responses.Responses;
import dev.agentlab.responses.StoredResponse;
import dev.agentlab.security.Caller;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

  /// @throws InvalidInputException if the request refers to a conversation that only a provider has
  static ResponseConversation of(ModelRequest request) {
    if (!request.member("conversation").isNull() && !request.member("conversation").isMissingNode()) {
      throw new InvalidInputException(
          "conversation", "must be absent: send previous_response_id, or the whole conversation");
    }
    JsonNode previous = request.member(PREVIOUS);
    if (!previous.isMissingNode() && !previous.isNull() && !previous.isString()) {
      throw new InvalidInputException(PREVIOUS, "must be a string");
    }
    return new ResponseConversation(
        previous.stringValueOpt(),
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

  /// The request with the whole conversation as its input, unless its provider has it. Blocks.
  ///
  /// @param provider the name of the provider if it has the Responses API itself
  /// @throws GatewayException.ResponseNotFound if the caller has no such response
  ModelRequest resolve(
      ModelRequest request, Caller caller, Optional<String> provider, Responses responses) {
    List<StoredResponse> earlier =
        previous.map(id -> find(id, caller, responses)).orElse(List.of());
    if (!earlier.isEmpty() && earlier.getLast().content().isEmpty()) {
      requireProvider(earlier.getLast(), provider);
      return request;
    }
    ArrayNode items = JsonNodeFactory.instance.arrayNode();
    for (StoredResponse response : earlier) {
      StoredResponse.Content content =
          response.content().orElseThrow(() -> keptElsewhere(response));
      Json.MAPPER.readTree(content.input()).forEach(items::add);
      Json.MAPPER.readTree(content.response()).path("output").forEach(items::add);
    }
    inputItems(request.member(INPUT)).forEach(items::add);
    ModelRequest whole = request.withInput(withoutReferences(items, caller, provider, responses));
    return provider.isPresent() ? whole.without(PREVIOUS) : whole;
  }

  private static List<StoredResponse> find(String id, Caller caller, Responses responses) {
    List<StoredResponse> found = responses.findConversation(caller, id);
    if (found.isEmpty()) {
      throw new GatewayException.ResponseNotFound(id);
    }
    found
        .getFirst()
        .previous()
        .ifPresent(missing -> {
          throw new GatewayException.ResponseNotFound(missing);
        });
    return found;
  }

  private static void requireProvider(StoredResponse response, Optional<String> provider) {
    if (!provider.equals(Optional.of(response.provider()))) {
      throw keptElsewhere(response);
    }
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

  private static ArrayNode withoutReferences(
      ArrayNode items, Caller caller, Optional<String> provider, Responses responses) {
    Set<String> ids = references(items);
    Map<String, StoredResponse> found = ids.isEmpty() ? Map.of() : responses.find(caller, ids);
    ArrayNode resolved = JsonNodeFactory.instance.arrayNode();
    for (JsonNode item : items) {
      if (isReference(item)) {
        String id = item.path("id").stringValue("");
        Optional<String> response = ResponseIds.responseOf(id);
        // A provider knows the items of its own responses.
        resolved.add(
            response.isEmpty() && provider.isPresent()
                ? item
                : response
                    .map(found::get)
                    .flatMap(StoredResponse::content)
                    .flatMap(content -> item(content, id))
                    .orElseThrow(() -> new GatewayException.ResponseNotFound(id)));
      } else {
        resolved.add(item);
      }
    }
    return resolved;
  }

  private static Optional<JsonNode> item(StoredResponse.Content content, String id) {
    return Json.MAPPER
        .readTree(content.response())
        .path("output")
        .valueStream()
        .filter(item -> item.path("id").stringValue("").equals(id))
        .findFirst();
  }
}
