package dev.agentlab.http.openapi;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.agentlab.json.Json;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Holds answers against the API description. For tests, on every exchange they make: an answer
/// that is not described as it is fails them.
public final class ResponseCheck {
  private final ObjectNode document;
  private final SchemaRegistry registry =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
  private final ConcurrentMap<JsonNode, Schema> schemas = new ConcurrentHashMap<>();

  public ResponseCheck(ObjectNode document) {
    this.document = document;
  }

  /// What is wrong with an answer; empty if it is as described.
  ///
  /// @param path as it was asked for, with or without a query
  /// @param contentType as it was sent; empty if there was none
  public List<String> faults(
      String method, String path, int status, String contentType, String body) {
    String asked = "%s %s → %d: ".formatted(method, path, status);
    Optional<JsonNode> operation = operation(method, path.replaceFirst("\\?.*", ""));
    if (operation.isEmpty()) {
      return isProblem(contentType) && (status == 404 || status == 405)
          ? List.of()
          : List.of(asked + "no such operation is described");
    }
    JsonNode responses = operation.get().get("responses");
    JsonNode response = responses.path(Integer.toString(status));
    if (response.isMissingNode() && List.of(405, 414, 431).contains(status)) {
      response = responses.get("default");
    }
    if (response.isMissingNode()) {
      return List.of(asked + "the status is not described");
    }
    String mediaType = contentType.replaceFirst(";.*", "").strip();
    if (!response.has("content")) {
      return mediaType.isEmpty() && body.isEmpty()
          ? List.of()
          : List.of(asked + "no content is described");
    }
    JsonNode content = response.get("content").path(mediaType);
    if (content.isMissingNode()) {
      return List.of(asked + "the media type is not described: " + mediaType);
    }
    return mediaType.endsWith("json") ? faults(asked, content.get("schema"), body) : List.of();
  }

  private List<String> faults(String asked, JsonNode schema, String body) {
    try {
      List<Error> errors = compiled(schema).validate(Json.MAPPER.readTree(body));
      return errors.stream().map(error -> asked + error).toList();
    } catch (JacksonException e) {
      return List.of(asked + "the body is no JSON: " + body);
    }
  }

  private Schema compiled(JsonNode schema) {
    return schemas.computeIfAbsent(
        schema,
        _ -> {
          ObjectNode whole = schema.deepCopy().asObject();
          whole.set("components", document.get("components"));
          return registry.getSchema(whole);
        });
  }

  /// A path without parameters goes before one with them, as in the router.
  private Optional<JsonNode> operation(String method, String path) {
    String wanted = method.equals("HEAD") ? "get" : method.toLowerCase(Locale.ROOT);
    return document.get("paths").properties().stream()
        .filter(entry -> path.matches(entry.getKey().replaceAll("\\{[^}]*}", "[^/]+")))
        .filter(entry -> entry.getValue().has(wanted))
        .sorted(Map.Entry.comparingByKey(this::literalFirst))
        .map(entry -> entry.getValue().get(wanted))
        .findFirst();
  }

  private int literalFirst(String one, String other) {
    return Boolean.compare(one.contains("{"), other.contains("{"));
  }

  private static boolean isProblem(String contentType) {
    return contentType.equals("application/problem+json");
  }
}
