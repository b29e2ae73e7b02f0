package dev.agentlab.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.security.Scope;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RoutingTest {
  private static final Param<String> WORD =
      new Param<>(Param.Location.PATH, "word", "Any.", Param.Format.TEXT, text -> text);

  @SuppressWarnings("NullAway.Init") // set before all tests
  private RouteServer server;

  @BeforeAll
  void start() {
    server =
        RouteServer.of(
            Route.get("/healthz", "Health")
                .requires(Scope.PUBLIC)
                .probe()
                .returnsText(200, "text/plain")
                .handledBy(_ -> Response.text(200, "text/plain", "OK")),
            TestRoutes.list(),
            TestRoutes.one(),
            Route.delete("/things/{id}", "Delete")
                .requires(Scope.PUBLIC)
                .parameters(TestRoutes.ID)
                .returnsEmpty(204)
                .handledBy(_ -> Response.noContent()),
            Route.post("/things/search", "Search")
                .requires(Scope.PUBLIC)
                .returns(200, Map.class)
                .handledBy(_ -> Response.ok(Map.of("found", true))),
            Route.get("/pages", "Pages")
                .requires(Scope.PUBLIC)
                .parameters(TestRoutes.PAGE, Param.queryInteger("page_size", "How long."))
                .returns(200, Map.class)
                .handledBy(_ -> Response.ok(Map.of())),
            Route.get("/words/{word}", "A word")
                .requires(Scope.PUBLIC)
                .parameters(WORD)
                .returns(200, Map.class)
                .handledBy(request -> Response.ok(Map.of("word", request.path(WORD)))));
  }

  @AfterAll
  void stop() throws Exception {
    server.close();
  }

  @Test
  void handlerResponseIsSent() throws Exception {
    RawHttpConnection.RawResponse response =
        server.send("GET /things?page=3&name=a%26b+c HTTP/1.1\r\nIf-Match: \"7\"");

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.header("Content-Type")).isEqualTo("application/json");
    assertThat(response.json().toString())
        .contains("\"page\":3", "\"name\":\"a&b c\"", "\\\"7\\\"");
  }

  @Test
  void allInvalidParametersAreReported() throws Exception {
    RawHttpConnection.RawResponse answer = server.send("GET /pages?page=x&page_size=y HTTP/1.1");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("detail").asString())
        .isEqualTo("page: must be an integer; page_size: must be an integer");
  }

  @Test
  void responseDoesNotNameTheServer() throws Exception {
    for (String path : List.of("/things", "/nothing", "/healthz")) {
      RawHttpConnection.RawResponse response = server.send("GET " + path + " HTTP/1.1");

      assertThat(response.headers())
          .containsKeys("date", "x-request-id")
          .doesNotContainKeys("server", "vary", "access-control-allow-origin");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET,    /nothing,            404",
    "GET,    /,                   404",
    "GET,    /healthz/,           404",
    "GET,    //healthz,           404",
    "GET,    /things/../healthz,  404",
    "GET,    /%68ealthz,          200",
    "GET,    /healthz?t=1&t&%zz,  200",
    "POST,   /things/search?t=1,  400",
    "POST,   /healthz,            405",
    "PATCH,  /healthz,            405",
    "BREW,   /healthz,            405",
    "GET,    /things/search,      405",
    "POST,   /things/search,      200",
    "GET,    /things/not-a-uuid,  400",
    "GET,    /words/%zz,          400",
    "GET,    /words/%c3%28,       400",
    "GET,    /words/,             404",
    "DELETE, /things/123e4567-e89b-12d3-a456-426614174000, 204",
  })
  void statusDependsOnMethodAndPath(String method, String path, int status) throws Exception {
    assertThat(server.send(method + " " + path + " HTTP/1.1").status()).isEqualTo(status);
  }

  @Test
  void probeWithQueryParameterIsRejected() {
    Route.ResponseStage<Void> probe = Route.get("/probe", "Probe").requires(Scope.PUBLIC).probe();

    assertThatThrownBy(() ->
            probe
                .parameters(TestRoutes.PAGE)
                .returnsEmpty(204)
                .handledBy(_ -> Response.noContent()))
        .hasMessage("GET /probe: a probe must not declare query parameters");
  }

  @Test
  void pathParameterIsDecodedOnce() throws Exception {
    assertThat(server.send("GET /words/a%2Fb%2520c+d HTTP/1.1").json().get("word").asString())
        .isEqualTo("a/b%20c+d");
  }

  @Test
  void unknownMethodGetsAllowHeader() throws Exception {
    RawHttpConnection.RawResponse response =
        server.send("PUT /things/123e4567-e89b-12d3-a456-426614174000 HTTP/1.1");

    assertThat(response.status()).isEqualTo(405);
    assertThat(response.header("Allow")).isEqualTo("GET, DELETE, HEAD, OPTIONS");
  }

  @Test
  void literalPathAllowsOnlyItsOwnMethods() throws Exception {
    assertThat(server.send("DELETE /things/search HTTP/1.1").header("Allow"))
        .isEqualTo("POST, OPTIONS");
    assertThat(server.send("OPTIONS /things/search HTTP/1.1").header("Allow"))
        .isEqualTo("POST, OPTIONS");
  }

  @Test
  void optionsReturnsAllowHeader() throws Exception {
    RawHttpConnection.RawResponse response = server.send("OPTIONS /healthz HTTP/1.1");

    assertThat(response.status()).isEqualTo(204);
    assertThat(response.header("Allow")).isEqualTo("GET, HEAD, OPTIONS");
    assertThat(server.send("OPTIONS /nothing HTTP/1.1").status()).isEqualTo(404);
  }

  @Test
  void headIsGetWithoutBody() throws Exception {
    try (RawHttpConnection wire = server.connect()) {
      RawHttpConnection.RawResponse head =
          wire.send("HEAD /healthz HTTP/1.1", "").readResponse(true);
      RawHttpConnection.RawResponse get = wire.send("GET /healthz HTTP/1.1", "").readResponse();

      assertThat(head.status()).isEqualTo(200);
      assertThat(head.header("Content-Length")).isEqualTo("2");
      assertThat(get.text()).isEqualTo("OK");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/things?pgae=1", "/things?page=1&page=2", "/things?page=1&pgae=%"})
  void invalidQueryIsRejected(String target) throws Exception {
    RawHttpConnection.RawResponse response = server.send("GET " + target + " HTTP/1.1");

    assertThat(response.status()).isEqualTo(400);
    assertThat(response.json().get("errors").get(0).get("field").asString()).startsWith("p");
  }

  @Test
  void unknownQueryParameterErrorListsKnownOnes() throws Exception {
    RawHttpConnection.RawResponse response = server.send("GET /things?pgae=secret HTTP/1.1");

    assertThat(response.json().get("errors").get(0).toString())
        .contains("pgae", "known parameters: name, page")
        .doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"page=x", "page=", "page=1.5", "page=99999999999999999999"})
  void parameterOfWrongTypeIsReported(String query) throws Exception {
    RawHttpConnection.RawResponse response = server.send("GET /things?" + query + " HTTP/1.1");

    assertThat(response.status()).isEqualTo(400);
    assertThat(response.json().get("errors").get(0).get("field").asString()).isEqualTo("page");
  }

  @Test
  void repeatedHeaderIsRejected() throws Exception {
    RawHttpConnection.RawResponse response =
        server.send("GET /things HTTP/1.1\r\nIf-Match: a\r\nIf-Match: b");

    assertThat(response.status()).isEqualTo(400);
    assertThat(response.json().get("detail").asString()).contains("If-Match");
  }

  @Test
  void pipelinedResponsesKeepTheirOrder() throws Exception {
    try (RawHttpConnection wire = server.connect()) {
      for (int i = 0; i < 20; i++) {
        wire.send("GET /things?page=" + i + " HTTP/1.1", "");
      }
      for (int i = 0; i < 20; i++) {
        assertThat(wire.readResponse().json().get("page").asInt()).isEqualTo(i);
      }
    }
  }

  @Test
  void http10AndAbsoluteTargetsAreSupported() throws Exception {
    try (RawHttpConnection wire = server.connect()) {
      assertThat(wire.sendRaw("GET /healthz HTTP/1.0\r\n\r\n").readResponse().text())
          .isEqualTo("OK");
      assertThat(wire.isClosed()).isTrue();
    }
    assertThat(server.send("GET http://elsewhere.example/healthz HTTP/1.1").text()).isEqualTo("OK");
  }

  @Test
  void duplicateRouteIsRejected() {
    Route route =
        Route.get("/a", "A")
            .requires(Scope.PUBLIC)
            .returnsEmpty(204)
            .handledBy(_ -> Response.noContent());

    assertThatThrownBy(() -> RouteServer.of(route, route))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("/a");
  }

  @Test
  void routeWithUndeclaredPathParameterIsRejected() {
    assertThatThrownBy(() ->
            Route.get("/{id}", "A")
                .requires(Scope.PUBLIC)
                .returnsEmpty(204)
                .handledBy(_ -> Response.noContent()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("id");
  }
}
