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

/// Validates responses against the API description. Tests use it for every exchange and fail on a
/// response that does not conform.
public final class ResponseCheck {
  private final ObjectNode document;
  private final SchemaRegistry registry =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
  private final ConcurrentMap<JsonNode, Schema> schemas = new ConcurrentHashMap<>();

  public ResponseCheck(ObjectNode document) {
    this.document = document;
  }

  /// Returns the violations of a response; empty if it conforms to the description.
  ///
  /// @param path the path of the request, with or without a query
  /// @param contentType the `Content-Type` of the response; empty if absent
  public List<String> violations(
      String method, String path, int status, String contentType, String body) {
    String prefix = "%s %s → %d: ".formatted(method, path, status);
    Optional<JsonNode> operation = operation(method, path.replaceFirst("\\?.*", ""));
    if (operation.isEmpty()) {
      return isProblem(contentType) && (status == 404 || status == 405)
          ? List.of()
          : List.of(prefix + "the operation is not described");
    }
    JsonNode responses = operation.get().get("responses");
    JsonNode response = responses.path(Integer.toString(status));
    if (response.isMissingNode() && List.of(405, 414, 431).contains(status)) {
      response = responses.get("default");
    }
    if (response.isMissingNode()) {
      return List.of(prefix + "the status is not described");
    }
    String mediaType = contentType.replaceFirst(";.*", "").strip();
    if (!response.has("content")) {
      return mediaType.isEmpty() && body.isEmpty()
          ? List.of()
          : List.of(prefix + "no content is described");
    }
    JsonNode content = response.get("content").path(mediaType);
    if (content.isMissingNode()) {
      return List.of(prefix + "the media type is not described: " + mediaType);
    }
    return mediaType.endsWith("json") ? violations(prefix, content.get("schema"), body) : List.of();
  }

  private List<String> violations(String prefix, JsonNode schema, String body) {
    try {
      List<Error> errors = compile(schema).validate(Json.MAPPER.readTree(body));
      return errors.stream().map(error -> prefix + error).toList();
    } catch (JacksonException e) {
      return List.of(prefix + "the body is not JSON: " + body);
    }
  }

  private Schema compile(JsonNode schema) {
    return schemas.computeIfAbsent(
        schema,
        _ -> {
          ObjectNode root = schema.deepCopy().asObject();
          root.set("components", document.get("components"));
          return registry.getSchema(root);
        });
  }

  /// A path without parameters takes precedence, as in the router.
  private Optional<JsonNode> operation(String method, String path) {
    String name = method.equals("HEAD") ? "get" : method.toLowerCase(Locale.ROOT);
    return document.get("paths").properties().stream()
        .filter(entry -> path.matches(entry.getKey().replaceAll("\\{[^}]*}", "[^/]+")))
        .filter(entry -> entry.getValue().has(name))
        .sorted(Map.Entry.comparingByKey(this::literalFirst))
        .map(entry -> entry.getValue().get(name))
        .findFirst();
  }

  private int literalFirst(String one, String other) {
    return Boolean.compare(one.contains("{"), other.contains("{"));
  }

  private static boolean isProblem(String contentType) {
    return contentType.equals("application/problem+json");
  }
}
