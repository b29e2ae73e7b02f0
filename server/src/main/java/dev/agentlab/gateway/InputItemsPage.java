package dev.agentlab.gateway;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.http.Param;
import dev.agentlab.http.Request;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A page of the input items of a response
/// (https://platform.openai.com/docs/api-reference/responses/input-items).
///
/// @param after the id of the item before the page
/// @param isAscending whether the oldest item is first
record InputItemsPage(Optional<String> after, int limit, boolean isAscending) {
  private static final int DEFAULT_LIMIT = 20;
  private static final int MAX_LIMIT = 100;

  private static final Param<Long> LIMIT =
      Param.queryInteger(
          "limit",
          "The number of items of the page, from 1 to %d. Default: %d."
              .formatted(MAX_LIMIT, DEFAULT_LIMIT));
  private static final Param<String> AFTER =
      Param.queryText("after", "The id of the item before the page.");
  private static final Param<String> ORDER =
      Param.queryChoice(
          "order", "Whether the oldest item is first. Default: desc.", List.of("asc", "desc"));

  /// The parameters of a page.
  static Param<?>[] parameters() {
    return new Param<?>[] {LIMIT, AFTER, ORDER};
  }

  /// @throws InvalidInputException if a parameter is invalid
  static InputItemsPage of(Request<?> request) {
    long limit = request.optional(LIMIT).orElse((long) DEFAULT_LIMIT);
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new InvalidInputException("limit", "must be from 1 to " + MAX_LIMIT);
    }
    return new InputItemsPage(
        request.optional(AFTER),
        (int) limit,
        request.optional(ORDER).filter("asc"::equals).isPresent());
  }

  /// The page of the items of a response.
  ///
  /// @param responseId an id of the service
  /// @throws InvalidInputException if there is no item before the page
  ObjectNode of(String responseId, JsonNode items) {
    List<ObjectNode> all =
        IntStream.range(0, items.size())
            .mapToObj(i -> withId(items.path(i), responseId, i))
            .toList();
    List<ObjectNode> ordered = isAscending ? all : all.reversed();
    int from = after.map(id -> indexAfter(id, ordered)).orElse(0);
    List<ObjectNode> page = ordered.subList(from, Math.min(ordered.size(), from + limit));
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("object", "list");
    ArrayNode data = json.putArray("data");
    page.forEach(data::add);
    json.set("first_id", data.path(0).path("id"));
    json.set("last_id", data.path(page.size() - 1).path("id"));
    return json.put("has_more", from + page.size() < ordered.size());
  }

  private static ObjectNode withId(JsonNode item, String responseId, int index) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("type", "message");
    json.put("id", "in_%s_%d".formatted(responseId.substring(responseId.indexOf('_') + 1), index));
    item.forEachEntry((name, value) -> {
      if (!value.isNull()) {
        json.set(name, name.equals("content") && value.isString() ? parts(item, value) : value);
      }
    });
    return json;
  }

  /// A text as the parts of a message: clients can send a text, but read only parts.
  private static ArrayNode parts(JsonNode message, JsonNode text) {
    ArrayNode parts = JsonNodeFactory.instance.arrayNode();
    ObjectNode part = parts.addObject();
    if (message.path("role").stringValue("").equals("assistant")) {
      part.put("type", "output_text").putArray("annotations");
    } else {
      part.put("type", "input_text");
    }
    part.set("text", text);
    return parts;
  }

  private static int indexAfter(String id, List<ObjectNode> items) {
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i).path("id").stringValue("").equals(id)) {
        return i + 1;
      }
    }
    throw new InvalidInputException("after", "must be the id of an item");
  }
}
