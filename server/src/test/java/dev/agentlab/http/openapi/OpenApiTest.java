package dev.agentlab.http.openapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.agentlab.http.Form;
import dev.agentlab.http.Param;
import dev.agentlab.http.ProblemType;
import dev.agentlab.http.RawHttpConnection;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.http.RouteServer;
import dev.agentlab.json.Json;
import dev.agentlab.json.SchemaBounds;
import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaExactlyOne;
import dev.agentlab.json.SchemaFrom;
import dev.agentlab.json.SchemaName;
import dev.agentlab.listing.Page;
import dev.agentlab.security.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class OpenApiTest {
  private static final Scope PROVIDERS_READ = new Scope("providers:read");
  private static final Scope PROVIDERS_WRITE = new Scope("providers:write");

  private static final UUID THING_ID = UUID.fromString("123e4567-e89b-12d3-a456-426614174000");
  private static final Param<UUID> ID = Param.id("Which thing.");
  private static final Param<Long> PAGE = Param.queryInteger("page", "Which page.");
  private static final Param<String> MATCH = Param.header("If-Match", "Which version.", t -> t);

  enum Colour {
    RED,
    GREEN
  }

  @SchemaName("Config")
  record Config(String kind) {}

  @SchemaName("Thing")
  @SchemaDescription("Some thing.")
  record Thing(
      UUID id,
      @SchemaDescription("The display name.") String displayName,
      Optional<Colour> colour,
      Config config,
      Map<String, Integer> counts,
      List<Part> parts,
      Optional<JsonNode> anything,
      Instant createdAt) {}

  @SchemaName("Link")
  @SchemaExactlyOne(one = "ends", other = "text")
  record Link(
      @SchemaFrom(Config.class) @SchemaBounds(min = 1) List<ObjectNode> ends,
      @SchemaBounds(max = 7) Optional<String> text,
      @SchemaBounds long weight,
      ObjectNode label) {}

  @SchemaName("Part")
  record Part(double weight, boolean spare) {}

  @JsonIgnoreProperties("created_at")
  @SchemaName("ThingInput")
  record ThingInput(String displayName, Optional<Colour> colour) {}

  private static Thing thing(String name, Optional<Colour> colour) {
    return new Thing(
        THING_ID,
        name,
        colour,
        new Config("a"),
        Map.of("a", 1),
        List.of(new Part(0.5, true)),
        Optional.empty(),
        Instant.EPOCH);
  }

  private static final RouteGroup THINGS =
      new RouteGroup(
          "/api/things",
          "Things",
          "Things of all kinds.",
          List.of(
              Route.get("", "List things")
                  .operation("listThings", "All of them.")
                  .requires(PROVIDERS_READ)
                  .parameters(PAGE)
                  .returns(200, Page.class, Thing.class)
                  .handledBy(_ ->
                      Response.ok(new Page<>(List.of(thing("a", Optional.empty())), 1, 1, 20, 1))),
              Route.post("", "Create a thing")
                  .operation("createThing", "One more.")
                  .requires(PROVIDERS_WRITE)
                  .accepts(ThingInput.class)
                  .returns(201, Thing.class, ProblemType.NAME_TAKEN, ProblemType.SECRET_REQUIRED)
                  .handledBy(request ->
                      Response.created(
                          "/api/things/" + THING_ID,
                          thing(request.body().displayName(), request.body().colour()))),
              Route.get("/{id}", "Show a thing")
                  .operation("getThing", "One.")
                  .requires(PROVIDERS_READ)
                  .parameters(ID, MATCH)
                  .returns(200, Thing.class, ProblemType.NOT_FOUND)
                  .handledBy(_ -> Response.ok(Map.of("not", "a thing"))),
              Route.delete("/{id}", "Delete a thing")
                  .operation("deleteThing", "For good.")
                  .requires(PROVIDERS_WRITE)
                  .parameters(ID)
                  .returnsEmpty(204, ProblemType.NOT_FOUND)
                  .handledBy(_ -> Response.noContent())));

  private static final RouteGroup HEALTH =
      new RouteGroup(
          "",
          "Health",
          "The health of the service.",
          List.of(
              Route.get("/readyz", "Ready")
                  .operation("getReadiness", "Whether the service is ready.")
                  .requires(Scope.PUBLIC)
                  .probe()
                  .returnsText(200, "text/plain", ProblemType.UNAVAILABLE)
                  .handledBy(_ -> Response.text(503, "text/plain", "NOT READY"))));

  private final OpenApi api =
      new OpenApi(
          "1.2.3",
          List.of(THINGS, HEALTH),
          Map.of(Config.class, Json.MAPPER.readTree("{\"type\": \"object\", \"title\": \"own\"}")));
  private final ObjectNode document = api.document();

  @Test
  void ignoredMemberIsReadOnly() {
    JsonNode draft = document.at("/components/schemas/ThingInput");

    assertThat(draft.at("/properties/created_at/readOnly").booleanValue()).isTrue();
    assertThat(draft.path("required").valueStream().map(JsonNode::asString))
        .containsExactly("display_name");
  }

  @Test
  void everyRouteIsDescribedWithItsProblems() {
    for (RouteGroup group : api.groups()) {
      for (Route route : group.routes()) {
        JsonNode operation =
            document
                .get("paths")
                .path(group.prefix() + route.path())
                .path(route.method().name().toLowerCase(Locale.ROOT));

        assertThat(operation.path("summary").asString()).isEqualTo(route.summary());
        assertThat(operation.get("x-scope").asString()).isEqualTo(route.scope().toString());
        assertThat(operation.get("security").isEmpty())
            .isEqualTo(route.scope().equals(Scope.PUBLIC));
        assertThat(operation.get("responses").has(Integer.toString(route.status()))).isTrue();
        for (ProblemType failure : route.allProblems()) {
          assertThat(operation.get("responses").path(Integer.toString(failure.status())).toString())
              .contains(failure.uri());
        }
      }
    }
  }

  @Test
  void everyReferenceResolves() {
    List<JsonNode> references = document.findValues("$ref");

    assertThat(references).isNotEmpty();
    for (JsonNode reference : references) {
      assertThat(document.at(reference.asString().substring(1)).isObject())
          .as(reference.asString())
          .isTrue();
    }
  }

  @Test
  void everySchemaIsValid() {
    SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    var rules =
        registry.getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
    for (JsonNode schema : document.findValues("schema")) {
      assertThat(rules.validate(schema)).isEmpty();
    }
    for (JsonNode schema : document.at("/components/schemas")) {
      assertThat(rules.validate(schema)).isEmpty();
    }
  }

  @Test
  void operationIdsAreWritten() {
    assertThat(document.findValuesAsString("operationId"))
        .containsExactlyInAnyOrder(
            "listThings",
            "createThing",
            "getThing",
            "deleteThing",
            "getReadiness",
            "getApiDescription");
  }

  @Test
  void parametersHaveLocationAndSchema() {
    JsonNode parameters = document.at("/paths/~1api~1things~1{id}/get/parameters");

    assertThat(parameters.get(0).toString())
        .isEqualTo(
            """
            {"name":"id","in":"path","description":"Which thing.","required":true,\
            "schema":{"type":"string","format":"uuid"}}\
            """);
    assertThat(parameters.get(1).get("in").asString()).isEqualTo("header");
    assertThat(parameters.get(1).get("required").asBoolean()).isFalse();
  }

  @Test
  void recordBecomesAComponent() {
    assertThat(document.at("/components/schemas/Thing").toPrettyString())
        .isEqualToIgnoringWhitespace(
            """
            {
              "type": "object",
              "properties": {
                "id": {"type": "string", "format": "uuid"},
                "display_name": {"type": "string", "description": "The display name."},
                "colour": {
                  "anyOf": [{"type": "string", "enum": ["RED", "GREEN"]}, {"type": "null"}]
                },
                "config": {"$ref": "#/components/schemas/Config"},
                "counts": {
                  "type": "object",
                  "additionalProperties": {"type": "integer", "format": "int32"}
                },
                "parts": {
                  "type": "array",
                  "items": {"$ref": "#/components/schemas/Part"}
                },
                "anything": {},
                "created_at": {"type": "string", "format": "date-time"}
              },
              "required": [
                "id", "display_name", "config", "counts", "parts", "created_at"
              ],
              "additionalProperties": false,
              "description": "Some thing."
            }
            """);
    assertThat(document.at("/components/schemas/Config/title").asString()).isEqualTo("own");
    assertThat(document.at("/components/schemas/ThingPage").isObject()).isTrue();
  }

  @Test
  void typeWithoutSchemaIsReported() {
    Route route =
        Route.get("/wait", "Wait")
            .operation("wait", "For a time.")
            .requires(Scope.PUBLIC)
            .returns(200, Duration.class)
            .handledBy(_ -> Response.noContent());

    assertThatThrownBy(() -> document(route))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("java.time.Duration");
  }

  @Test
  void schemaDefinitionsBecomeComponents() {
    JsonNode config =
        Json.MAPPER.readTree(
            """
            {"oneOf": [{"$ref": "#/$defs/Left"}], "$defs": {"Left": {"type": "string"}}}
            """);
    JsonNode schemas =
        new OpenApi("1", List.of(linkGroup()), Map.of(Config.class, config))
            .document()
            .at("/components/schemas");

    assertThat(schemas.get("Config").toString())
        .isEqualTo("{\"oneOf\":[{\"$ref\":\"#/components/schemas/Left\"}]}");
    assertThat(schemas.at("/Left/type").asString()).isEqualTo("string");
  }

  @Test
  void jsonMemberUsesSchemaFromTypeOrIsOpen() {
    JsonNode link =
        new OpenApi("1", List.of(linkGroup()), Map.of(Config.class, Json.MAPPER.readTree("{}")))
            .document()
            .at("/components/schemas/Link/properties");

    assertThat(link.at("/ends/items/$ref").asString()).isEqualTo("#/components/schemas/Config");
    assertThat(link.get("label").toString())
        .isEqualTo("{\"type\":\"object\",\"additionalProperties\":true}");
  }

  @Test
  void boundsAreWritten() {
    OpenApi links =
        new OpenApi("1", List.of(linkGroup()), Map.of(Config.class, Json.MAPPER.readTree("{}")));
    JsonNode members = links.document().at("/components/schemas/Link/properties");

    assertThat(members.at("/ends/minItems").asInt()).isEqualTo(1);
    assertThat(members.at("/text/anyOf/0/maxLength").asInt()).isEqualTo(7);
    assertThat(members.at("/weight/minimum").asInt(-1)).isZero();
    assertThat(members.toString()).doesNotContain("minLength", "maxItems", "maximum");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"ends\": [1]}                  | true",
        "{\"text\": \"a\"}                | true",
        "{\"text\": \"a\", \"ends\": null} | true",
        "{\"text\": null, \"ends\": [1]}  | true",
        "{\"text\": \"a\", \"ends\": [1]}  | false",
        "{\"text\": null}                 | false",
        "{}                               | false"
      })
  void exactlyOneOfTwoMembersIsRequired(String json, boolean valid) {
    ObjectNode schema =
        new OpenApi("1", List.of(linkGroup()), Map.of(Config.class, Json.MAPPER.readTree("{}")))
            .document()
            .at("/components/schemas/Link")
            .deepCopy()
            .asObject();
    schema.retain("if", "then", "else");

    assertThat(
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(schema)
                .validate(Json.MAPPER.readTree(json))
                .isEmpty())
        .isEqualTo(valid);
  }

  @Test
  void formFilesAreBinary() {
    Route route =
        Route.post("/pictures", "Add a picture")
            .operation("addPicture", "One more.")
            .requires(Scope.PUBLIC)
            .acceptsForm("PictureForm", 10, Form.Field.files("picture", "A picture.", 1))
            .returnsEmpty(204)
            .handledBy(_ -> Response.noContent());

    assertThat(document(route).at("/components/schemas/PictureForm/properties/picture").toString())
        .isEqualTo("{\"description\":\"A picture.\",\"type\":\"string\",\"format\":\"binary\"}");
  }

  private static RouteGroup linkGroup() {
    return new RouteGroup(
        "",
        "Links",
        "Links.",
        List.of(
            Route.get("/link", "Show a link")
                .operation("getLink", "One.")
                .requires(Scope.PUBLIC)
                .returns(200, Link.class)
                .handledBy(_ -> Response.noContent())));
  }

  @Test
  void operationWithoutIdIsRejected() {
    Route route =
        Route.get("/wait", "Wait")
            .requires(Scope.PUBLIC)
            .returnsEmpty(204)
            .handledBy(_ -> Response.noContent());

    assertThatThrownBy(() -> document(route))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("GET /wait has no operation id");
  }

  @Test
  void nestedTypeWithoutSchemaNameIsRejected() {
    record Unnamed(int size) {}
    Route route =
        Route.get("/wait", "Wait")
            .operation("wait", "For a time.")
            .requires(Scope.PUBLIC)
            .returns(200, Unnamed.class)
            .handledBy(_ -> Response.noContent());

    assertThatThrownBy(() -> document(route))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Unnamed has no schema name");
  }

  private static ObjectNode document(Route route) {
    return new OpenApi("1", List.of(new RouteGroup("", "T", "T.", List.of(route))), Map.of())
        .document();
  }

  @Test
  void responsesConformToTheDescription() throws Exception {
    ResponseCheck check = new ResponseCheck(document);
    try (RouteServer server =
        RouteServer.of(RouteServer.settings(), api.groups().toArray(new RouteGroup[0]))) {
      String json = "\r\nContent-Type: application/json";
      assertThat(violations(check, server, "GET", "/openapi.json", "", "")).isEmpty();
      assertThat(violations(check, server, "GET", "/api/things?page=1", "", "")).isEmpty();
      assertThat(violations(check, server, "GET", "/api/things?pgae=1", "", "")).isEmpty();
      assertThat(violations(check, server, "PUT", "/api/things", "", "")).isEmpty();
      assertThat(violations(check, server, "GET", "/nothing", "", "")).isEmpty();
      assertThat(violations(check, server, "GET", "/readyz", "", "")).isEmpty();
      assertThat(violations(check, server, "DELETE", "/api/things/" + THING_ID, "", "")).isEmpty();
      assertThat(violations(check, server, "GET", "/api/things/x", "", "")).isEmpty();
      assertThat(violations(check, server, "GET", "/api/things/" + THING_ID, "", ""))
          .anyMatch(violation -> violation.contains("required"));
      assertThat(
              violations(check, server, "POST", "/api/things", json, "{\"display_name\": \"a\"}"))
          .isEmpty();
      assertThat(
              violations(
                  check,
                  server,
                  "POST",
                  "/api/things",
                  json,
                  "{\"display_name\": \"a\", \"colour\": \"RED\"}"))
          .isEmpty();
      assertThat(violations(check, server, "POST", "/api/things", "", "x")).isEmpty();
    }
  }

  @Test
  void undescribedResponseIsReported() {
    ResponseCheck check = new ResponseCheck(document);

    assertThat(check.violations("GET", "/elsewhere", 200, "application/json", "{}")).isNotEmpty();
    assertThat(check.violations("GET", "/api/things", 202, "application/json", "{}")).isNotEmpty();
    assertThat(check.violations("GET", "/api/things", 200, "text/html", "")).isNotEmpty();
    assertThat(check.violations("GET", "/api/things", 200, "application/json", "{")).isNotEmpty();
    assertThat(check.violations("DELETE", "/api/things/1", 204, "", "more")).isNotEmpty();
    assertThat(check.violations("GET", "/api/things", 409, "application/problem+json", "{}"))
        .isNotEmpty();
  }

  private static List<String> violations(
      ResponseCheck check,
      RouteServer server,
      String method,
      String path,
      String headers,
      String body)
      throws Exception {
    RawHttpConnection.RawResponse response =
        server.send(method + " " + path + " HTTP/1.1" + headers, body);
    return check.violations(
        method, path, response.status(), response.header("Content-Type"), response.text());
  }
}
