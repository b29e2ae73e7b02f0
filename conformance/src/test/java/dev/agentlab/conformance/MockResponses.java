package dev.agentlab.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.agentlab.json.Json;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// OpenAI's Responses API, which keeps responses and their items
/// (https://platform.openai.com/docs/api-reference/responses). Each response has an id of its own.
final class MockResponses {
  static final String PATH = "/openai/v1/responses";
  static final String FOLDER = "openai/responses";

  /// @param input of the request
  private record Kept(ObjectNode response, JsonNode input) {
    boolean hasItem(String id) {
      return response
          .path("output")
          .valueStream()
          .anyMatch(item -> item.path("id").asString("").equals(id));
    }
  }

  private final AtomicLong count = new AtomicLong();
  private final ConcurrentMap<String, Kept> kept = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, String> models = new ConcurrentHashMap<>();

  /// The model of the response that a path names, even if the response has been deleted.
  String model(String path) {
    return models.getOrDefault(id(path), "unknown");
  }

  private static String id(String path) {
    return path.substring(PATH.length() + 1).split("[/?]", -1)[0];
  }

  /// The response to a request, which must refer only to what is kept.
  byte[] create(String model, JsonNode request, MockMessage message) {
    String previous = request.path("previous_response_id").asString("");
    if (!previous.isEmpty() && !kept.containsKey(previous)) {
      return error(
          "400 Bad Request",
          "Previous response with id '%s' not found.".formatted(previous),
          "previous_response_id",
          "previous_response_not_found");
    }
    Optional<String> unknown = references(request).filter(id -> !isKept(id)).findFirst();
    if (unknown.isPresent()) {
      return error(
          "404 Not Found", "Item with id '%s' not found.".formatted(unknown.get()), "input", null);
    }
    String id = "%048x".formatted(count.incrementAndGet());
    MockMessage own = message.withId(id);
    if (request.path("store").asBoolean(true)) {
      keep(model, request.path("input"), own);
    }
    return own.bytes();
  }

  private static Stream<String> references(JsonNode request) {
    return request
        .path("input")
        .valueStream()
        .filter(item -> item.path("type").asString("").equals("item_reference"))
        .map(item -> item.path("id").asString());
  }

  private boolean isKept(String itemId) {
    return kept.values().stream().anyMatch(it -> it.hasItem(itemId));
  }

  private void keep(String model, JsonNode input, MockMessage message) {
    // The last event of a stream has the whole response.
    String last = new String(message.parts().getLast(), UTF_8);
    JsonNode json = Json.MAPPER.readTree(last.substring(last.indexOf('{')));
    JsonNode response = json.has("response") ? json.get("response") : json;
    if (response.path("object").asString("").equals("response")) {
      String id = response.get("id").asString();
      models.put(id, model);
      kept.put(id, new Kept((ObjectNode) response, input));
    }
  }

  /// The response to a request about a response.
  byte[] respond(String requestLine) {
    String[] parts = requestLine.split(" ", -1);
    String id = id(parts[1]);
    Kept it = kept.get(id);
    if (it == null) {
      return error("404 Not Found", "Response with id '%s' not found.".formatted(id), null, null);
    }
    String what = parts[0] + parts[1].substring(PATH.length() + 1 + id.length());
    return switch (what.replaceFirst("\\?.*", "")) {
      case "GET" -> json(it.response());
      case "GET/input_items" -> json(inputItems(it.input()));
      case "DELETE" -> {
        kept.remove(id);
        yield json(deleted(id));
      }
      case "POST/cancel" -> cancel(it.response());
      default -> throw new IllegalArgumentException(requestLine);
    };
  }

  private static ObjectNode inputItems(JsonNode input) {
    ArrayNode items = Json.MAPPER.createArrayNode();
    if (input.isString()) {
      ObjectNode message =
          items
              .addObject()
              .put("id", "msg_input")
              .put("type", "message")
              .put("status", "completed")
              .put("role", "user");
      message
          .putArray("content")
          .addObject()
          .put("type", "input_text")
          .put("text", input.asString());
    } else {
      input.forEach(items::add);
    }
    ObjectNode list = Json.MAPPER.createObjectNode().put("object", "list");
    list.set("data", items);
    return list.put("first_id", items.path(0).path("id").asString(""))
        .put("last_id", items.path(items.size() - 1).path("id").asString(""))
        .put("has_more", false);
  }

  private static ObjectNode deleted(String id) {
    return Json.MAPPER
        .createObjectNode()
        .put("id", id)
        .put("object", "response")
        .put("deleted", true);
  }

  private static byte[] cancel(ObjectNode response) {
    return response.path("background").asBoolean(false)
        ? json(response.put("status", "cancelled"))
        : error("400 Bad Request", "Cannot cancel a synchronous response.", null, null);
  }

  private static byte[] json(JsonNode body) {
    return message("200 OK", body);
  }

  private static byte[] message(String status, JsonNode body) {
    return new MockMessage(
            List.of(
                "HTTP/1.1 " + status, "content-type: application/json", "x-request-id: req_mock_1"),
            List.of(body.toString().getBytes(UTF_8)))
        .bytes();
  }

  private static byte[] error(
      String status, String message, @Nullable String param, @Nullable String code) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.putObject("error")
        .put("message", message)
        .put("type", "invalid_request_error")
        .put("param", param)
        .put("code", code);
    return message(status, body);
  }
}
