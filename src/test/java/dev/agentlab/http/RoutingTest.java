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
      new Param<>(Param.Place.PATH, "word", "Any.", Param.Format.TEXT, text -> text);

  @SuppressWarnings("NullAway.Init") // set before all tests
  private RouteServer server;

  @BeforeAll
  void start() {
    server =
        RouteServer.of(
            Route.get("/healthz", "Health")
                .needs(Scope.OPEN)
                .probe()
                .givesText(200, "text/plain")
                .by(_ -> Response.text(200, "text/plain", "OK")),
            Things.list(),
            Things.one(),
            Route.delete("/things/{id}", "Delete")
                .needs(Scope.OPEN)
                .reads(Things.ID)
                .givesNothing(204)
                .by(_ -> Response.noContent()),
            Route.post("/things/search", "Search")
                .needs(Scope.OPEN)
                .gives(200, Map.class)
                .by(_ -> Response.ok(Map.of("found", true))),
            Route.get("/pages", "Pages")
                .needs(Scope.OPEN)
                .reads(Things.PAGE, Param.queryInteger("page_size", "How long."))
                .gives(200, Map.class)
                .by(_ -> Response.ok(Map.of())),
            Route.get("/words/{word}", "A word")
                .needs(Scope.OPEN)
                .reads(WORD)
                .gives(200, Map.class)
                .by(request -> Response.ok(Map.of("word", request.path(WORD)))));
  }

  @AfterAll
  void stop() throws Exception {
    server.close();
  }

  @Test
  void answersWithWhatTheHandlerGives() throws Exception {
    Wire.Answer response =
        server.ask("GET /things?page=3&name=a%26b+c HTTP/1.1\r\nIf-Match: \"7\"");

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.header("Content-Type")).isEqualTo("application/json");
    assertThat(response.json().toString())
        .contains("\"page\":3", "\"name\":\"a&b c\"", "\\\"7\\\"");
  }

  @Test
  void everyUnfitParameterIsNamed() throws Exception {
    Wire.Answer answer = server.ask("GET /pages?page=x&page_size=y HTTP/1.1");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("detail").asString())
        .isEqualTo("page: must be a whole number; page_size: must be a whole number");
  }

  @Test
  void noAnswerNamesTheServer() throws Exception {
    for (String path : List.of("/things", "/nothing", "/healthz")) {
      Wire.Answer response = server.ask("GET " + path + " HTTP/1.1");

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
  void answersByMethodAndPath(String method, String path, int status) throws Exception {
    assertThat(server.ask(method + " " + path + " HTTP/1.1").status()).isEqualTo(status);
  }

  @Test
  void aProbeReadsNoQuery() {
    Route.Signature<Void> probe = Route.get("/probe", "Probe").needs(Scope.OPEN).probe();

    assertThatThrownBy(
            () -> probe.reads(Things.PAGE).givesNothing(204).by(_ -> Response.noContent()))
        .hasMessage("GET /probe: a probe must not declare query parameters");
  }

  @Test
  void decodesPathParametersOnce() throws Exception {
    assertThat(server.ask("GET /words/a%2Fb%2520c+d HTTP/1.1").json().get("word").asString())
        .isEqualTo("a/b%20c+d");
  }

  @Test
  void aMethodThatIsNotThereIsToldWhichAre() throws Exception {
    Wire.Answer response = server.ask("PUT /things/123e4567-e89b-12d3-a456-426614174000 HTTP/1.1");

    assertThat(response.status()).isEqualTo(405);
    assertThat(response.header("Allow")).isEqualTo("GET, DELETE, HEAD, OPTIONS");
  }

  @Test
  void literalPathAllowsOnlyItsOwnMethods() throws Exception {
    assertThat(server.ask("DELETE /things/search HTTP/1.1").header("Allow"))
        .isEqualTo("POST, OPTIONS");
    assertThat(server.ask("OPTIONS /things/search HTTP/1.1").header("Allow"))
        .isEqualTo("POST, OPTIONS");
  }

  @Test
  void optionsTellsTheMethods() throws Exception {
    Wire.Answer response = server.ask("OPTIONS /healthz HTTP/1.1");

    assertThat(response.status()).isEqualTo(204);
    assertThat(response.header("Allow")).isEqualTo("GET, HEAD, OPTIONS");
    assertThat(server.ask("OPTIONS /nothing HTTP/1.1").status()).isEqualTo(404);
  }

  @Test
  void headIsGetWithoutTheBody() throws Exception {
    try (Wire wire = server.connect()) {
      Wire.Answer head = wire.send("HEAD /healthz HTTP/1.1", "").answer(true);
      Wire.Answer get = wire.send("GET /healthz HTTP/1.1", "").answer();

      assertThat(head.status()).isEqualTo(200);
      assertThat(head.header("Content-Length")).isEqualTo("2");
      assertThat(get.text()).isEqualTo("OK");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/things?pgae=1", "/things?page=1&page=2", "/things?page=1&pgae=%"})
  void aQueryThatIsNotDeclaredIsRefused(String target) throws Exception {
    Wire.Answer response = server.ask("GET " + target + " HTTP/1.1");

    assertThat(response.status()).isEqualTo(400);
    assertThat(response.json().get("errors").get(0).get("field").asString()).startsWith("p");
  }

  @Test
  void anUnknownQueryParameterIsToldTheKnownOnes() throws Exception {
    Wire.Answer response = server.ask("GET /things?pgae=secret HTTP/1.1");

    assertThat(response.json().get("errors").get(0).toString())
        .contains("pgae", "known parameters: name, page")
        .doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"page=x", "page=", "page=1.5", "page=99999999999999999999"})
  void aParameterOfTheWrongTypeIsNamed(String query) throws Exception {
    Wire.Answer response = server.ask("GET /things?" + query + " HTTP/1.1");

    assertThat(response.status()).isEqualTo(400);
    assertThat(response.json().get("errors").get(0).get("field").asString()).isEqualTo("page");
  }

  @Test
  void aHeaderGivenTwiceIsRefused() throws Exception {
    Wire.Answer response = server.ask("GET /things HTTP/1.1\r\nIf-Match: a\r\nIf-Match: b");

    assertThat(response.status()).isEqualTo(400);
    assertThat(response.json().get("detail").asString()).contains("If-Match");
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    try (Wire wire = server.connect()) {
      for (int i = 0; i < 20; i++) {
        wire.send("GET /things?page=" + i + " HTTP/1.1", "");
      }
      for (int i = 0; i < 20; i++) {
        assertThat(wire.answer().json().get("page").asInt()).isEqualTo(i);
      }
    }
  }

  @Test
  void speaksToHttp10AndAbsoluteAddresses() throws Exception {
    try (Wire wire = server.connect()) {
      assertThat(wire.raw("GET /healthz HTTP/1.0\r\n\r\n").answer().text()).isEqualTo("OK");
      assertThat(wire.isEnded()).isTrue();
    }
    assertThat(server.ask("GET http://elsewhere.example/healthz HTTP/1.1").text()).isEqualTo("OK");
  }

  @Test
  void twoRoutesOfOneMethodAndPathAreRefused() {
    Route route =
        Route.get("/a", "A").needs(Scope.OPEN).givesNothing(204).by(_ -> Response.noContent());

    assertThatThrownBy(() -> RouteServer.of(route, route))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("/a");
  }

  @Test
  void aRouteThatDoesNotReadItsPathIsRefused() {
    assertThatThrownBy(() ->
            Route.get("/{id}", "A")
                .needs(Scope.OPEN)
                .givesNothing(204)
                .by(_ -> Response.noContent()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("id");
  }
}
