package dev.agentlab.http.openapi;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toList;

import com.google.re2j.Pattern;
import dev.agentlab.http.ApiConventions;
import dev.agentlab.http.Form;
import dev.agentlab.http.Param;
import dev.agentlab.http.Problem;
import dev.agentlab.http.ProblemType;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.json.Json;
import dev.agentlab.security.Scope;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes routes as an OpenAPI 3.1 document.
final class OpenApiWriter {
  private static final Pattern MEDIA_TYPE_PARAMETERS = Pattern.compile(";.*");
  private static final String JSON = "application/json";
  private static final String EVENTS = "text/event-stream";
  private static final String FORM = "multipart/form-data";
  private static final String BEARER = "bearer";
  private static final String API_KEY = "api_key";
  private static final String PROBLEM = "application/problem+json";

  private final SchemaGenerator schemas;
  private final Set<String> operationIds = new HashSet<>();

  OpenApiWriter(SchemaGenerator schemas) {
    this.schemas = schemas;
  }

  ObjectNode write(String version, List<RouteGroup> groups) {
    ObjectNode document = Json.MAPPER.createObjectNode();
    document.put("openapi", "3.1.0");
    document.set("info", info(version));
    // Relative to the URL of the document, because the service does not know its public URL.
    document.putArray("servers").addObject().put("url", "/").put("description", "This service.");
    ArrayNode tags = document.putArray("tags");
    ObjectNode paths = document.putObject("paths");
    for (RouteGroup group : groups) {
      if (!group.conventions().equals(ApiConventions.OWN)) {
        // The vendor of the API describes it, or it is not an API.
        continue;
      }
      tags.addObject().put("name", group.tag()).put("description", group.description());
      for (Route route : group.routes()) {
        String path = group.prefix() + route.path();
        paths
            .withObjectProperty(path)
            .set(route.method().name().toLowerCase(Locale.ROOT), operation(group, route, path));
      }
    }
    ObjectNode components = document.putObject("components");
    components.set("schemas", schemas.components());
    components.set("securitySchemes", securitySchemes());
    return document;
  }

  private static ObjectNode info(String version) {
    ObjectNode info = Json.MAPPER.createObjectNode();
    info.put("title", "agent-lab").put("version", version);
    info.put(
        "description", "A registry of language-model providers and agents that runs the agents.");
    info.putObject("license").put("name", "Apache-2.0").put("identifier", "Apache-2.0");
    return info;
  }

  private static ObjectNode securitySchemes() {
    ObjectNode schemes = Json.MAPPER.createObjectNode();
    schemes
        .putObject(BEARER)
        .put("type", "http")
        .put("scheme", "bearer")
        .put("description", "An API key: `Authorization: Bearer agl_…`.");
    schemes
        .putObject(API_KEY)
        .put("type", "apiKey")
        .put("in", "header")
        .put("name", "X-Api-Key")
        .put("description", "An API key: `X-Api-Key: agl_…`.");
    return schemes;
  }

  /// The alternative security requirements with the required scope; empty for an open route.
  private static ArrayNode security(Scope scope) {
    ArrayNode alternatives = Json.MAPPER.createArrayNode();
    if (!scope.equals(Scope.PUBLIC)) {
      for (String scheme : List.of(BEARER, API_KEY)) {
        ArrayNode scopes = alternatives.addObject().putArray(scheme);
        if (scope.isGrantable()) {
          scopes.add(scope.toString());
        }
      }
    }
    return alternatives;
  }

  private ObjectNode operation(RouteGroup group, Route route, String path) {
    ObjectNode operation = Json.MAPPER.createObjectNode();
    Route.Operation identity =
        route
            .operation()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "%s %s has no operation id".formatted(route.method(), path)));
    if (!operationIds.add(identity.id())) {
      throw new IllegalArgumentException("duplicate operation id: " + identity.id());
    }
    operation.put("operationId", identity.id());
    operation.put("summary", route.summary());
    operation.put("description", identity.description());
    operation.putArray("tags").add(group.tag());
    operation.put("x-scope", route.scope().toString());
    operation.set("security", security(route.scope()));
    if (!route.parameters().isEmpty()) {
      ArrayNode parameters = operation.putArray("parameters");
      route.parameters().forEach(parameter -> parameters.add(parameter(parameter)));
    }
    route
        .requestBody()
        .ifPresent(takes -> {
          ObjectNode body = operation.putObject("requestBody").put("required", true);
          ObjectNode content = body.putObject("content");
          switch (takes) {
            case Route.RequestBody.Json json ->
                content.putObject(JSON).set("schema", schemas.of(json.type()));
            case Route.RequestBody.JsonBytes _ ->
                content.putObject(JSON).putObject("schema").put("type", "object");
            case Route.RequestBody.Stream _ -> {
              body.put("required", false);
              content.putObject("*/*");
            }
            case Route.RequestBody.Form form ->
                content.putObject(FORM).set("schema", schemas.named(form.name(), form(form)));
          }
        });
    ObjectNode responses = operation.putObject("responses");
    responses.set(Integer.toString(route.status()), successResponse(route.responseBody()));
    Map<Integer, List<ProblemType>> problems =
        route.allProblems().stream()
            .collect(groupingBy(ProblemType::status, TreeMap::new, toList()));
    problems.forEach((status, types) ->
        responses.set(Integer.toString(status), problemResponse(types, route.responseBody())));
    responses.set("default", problemResponse(List.of(), route.responseBody()));
    return operation;
  }

  private static ObjectNode parameter(Param<?> parameter) {
    ObjectNode described = Json.MAPPER.createObjectNode();
    described.put("name", parameter.name());
    described.put("in", parameter.location().name().toLowerCase(Locale.ROOT));
    described.put("description", parameter.description());
    described.put("required", parameter.location() == Param.Location.PATH);
    ObjectNode schema = described.putObject("schema");
    if (parameter.isRepeatable()) {
      schema = schema.put("type", "array").putObject("items");
    }
    addSchema(schema, parameter);
    return described;
  }

  private static void addSchema(ObjectNode schema, Param<?> parameter) {
    switch (parameter.format()) {
      case TEXT -> schema.put("type", "string");
      case INTEGER -> schema.put("type", "integer").put("format", "int64");
      case UUID -> schema.put("type", "string").put("format", "uuid");
      case DATE_TIME -> schema.put("type", "string").put("format", "date-time");
    }
    parameter
        .length()
        .ifPresent(length ->
            SchemaGenerator.addBounds(schema, length.min(), length.max(), Integer.MAX_VALUE));
    if (!parameter.choices().isEmpty()) {
      ArrayNode choices = schema.putArray("enum");
      parameter.choices().forEach(choices::add);
    }
  }

  private static ObjectNode form(Route.RequestBody.Form form) {
    ObjectNode schema = Json.MAPPER.createObjectNode().put("type", "object");
    ObjectNode members = schema.putObject("properties");
    ArrayNode required = schema.putArray("required");
    for (Form.Field field : form.fields()) {
      ObjectNode member = members.putObject(field.name()).put("description", field.description());
      ObjectNode value = member;
      if (field.maxCount() > 1) {
        member.put("type", "array").put("maxItems", field.maxCount());
        if (field.required()) {
          member.put("minItems", 1);
        }
        value = member.putObject("items");
      }
      value.put("type", "string");
      switch (field.kind()) {
        case TEXT -> {}
        case JSON -> value.put("contentMediaType", JSON);
        // OpenAPI 3.1 has contentMediaType for this, which client generators do not support.
        case FILE -> value.put("format", "binary");
      }
      if (field.required()) {
        required.add(field.name());
      }
    }
    return schema.put("additionalProperties", false);
  }

  private ObjectNode successResponse(Route.ResponseBody gives) {
    ObjectNode response = Json.MAPPER.createObjectNode().put("description", "Success.");
    switch (gives) {
      case Route.ResponseBody.Empty _ -> {}
      case Route.ResponseBody.Json json ->
          response
              .putObject("content")
              .putObject(JSON)
              .set(
                  "schema",
                  json.element()
                      .map(element -> schemas.of(json.type(), element))
                      .orElseGet(() -> schemas.of(json.type())));
      case Route.ResponseBody.Text text -> putText(response.putObject("content"), text);
      case Route.ResponseBody.Bytes _ -> response.putObject("content").putObject("*/*");
      // The schema of a single event has a keyword only from OpenAPI 3.2 on.
      case Route.ResponseBody.Events events ->
          response
              .putObject("content")
              .putObject(EVENTS)
              .putObject("schema")
              .put("type", "string")
              .put("description", "The data of each event conforms to contentSchema.")
              .put("contentMediaType", EVENTS)
              .set("contentSchema", schemas.of(events.data()));
    }
    return response;
  }

  /// @param types the possible problems; empty for problems before a route is matched
  private ObjectNode problemResponse(List<ProblemType> types, Route.ResponseBody gives) {
    ObjectNode response = Json.MAPPER.createObjectNode();
    response.put(
        "description",
        types.isEmpty()
            ? "The request is malformed or no route matches."
            : types.stream().map(type -> type.title() + ".").collect(joining(" ")));
    ObjectNode content = response.putObject("content");
    ObjectNode schema = schemas.of(Problem.Body.class);
    content.putObject(PROBLEM).set("schema", schema);
    if (!types.isEmpty()) {
      ArrayNode uris = schema.putObject("properties").putObject("type").putArray("enum");
      types.forEach(type -> uris.add(type.uri()));
    }
    // A route with a text response reports failures as text too: `NOT READY`.
    if (gives instanceof Route.ResponseBody.Text text) {
      putText(content, text);
    }
    return response;
  }

  private static void putText(ObjectNode content, Route.ResponseBody.Text text) {
    String withoutParameters =
        MEDIA_TYPE_PARAMETERS.matcher(text.mediaType()).replaceFirst("").strip();
    content.putObject(withoutParameters).putObject("schema").put("type", "string");
  }
}
