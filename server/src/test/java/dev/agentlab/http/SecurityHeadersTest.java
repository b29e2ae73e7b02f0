package dev.agentlab.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.security.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.SubmissionPublisher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecurityHeadersTest {
  private static final Map<String, String> EXPECTED =
      Map.of(
          "content-security-policy",
          "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
          "x-frame-options",
          "DENY",
          "x-content-type-options",
          "nosniff",
          "referrer-policy",
          "no-referrer",
          "cross-origin-resource-policy",
          "same-origin",
          "cache-control",
          "no-store");

  private final RouteServer server =
      RouteServer.of(
          Route.get("/hello", "Hello")
              .requires(Scope.PUBLIC)
              .returnsText(200, "text/plain")
              .handledBy(_ -> Response.text(200, "text/plain", "hello")),
          Route.delete("/hello", "Nothing")
              .requires(Scope.PUBLIC)
              .returnsEmpty(204)
              .handledBy(_ -> Response.noContent()),
          Route.post("/hello", "Takes")
              .requires(Scope.PUBLIC)
              .accepts(String.class)
              .returns(200, String.class)
              .handledBy(request -> Response.ok(request.body())),
          Route.get("/broken", "Broken")
              .requires(Scope.PUBLIC)
              .returnsEmpty(204)
              .handledBy(_ -> {
                throw new IllegalStateException("broken");
              }),
          Route.get("/events", "Events")
              .requires(Scope.PUBLIC)
              .returnsEvents(200, String.class)
              .handledBy(_ -> {
                SubmissionPublisher<byte[]> events = new SubmissionPublisher<>();
                Thread.ofVirtual().start(events::close);
                return Response.events(events, TestRoutes::lastEvent);
              }),
          Route.get("/page", "A page")
              .requires(Scope.PUBLIC)
              .returnsText(200, "text/html")
              .handledBy(_ ->
                  Response.text(200, "text/html", "<p>")
                      .withHeader("Content-Security-Policy", "default-src 'self'")
                      .withHeader("Cache-Control", "no-cache")));

  @AfterEach
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /hello HTTP/1.1",
        "GET /hello HTTP/1.0",
        "HEAD /hello HTTP/1.1",
        "DELETE /hello HTTP/1.1",
        "OPTIONS /hello HTTP/1.1",
        "PATCH /hello HTTP/1.1",
        "POST /hello HTTP/1.1",
        "GET /nothing HTTP/1.1",
        "GET /broken HTTP/1.1",
        "GET /events HTTP/1.1",
        "GET /hello?unknown=1 HTTP/1.1",
        "GET /h%zz HTTP/1.1",
        "GET /hello HTTP/9.9",
        "GET /hello HTTP/1.1\r\nHost: twice",
        "GET /hello HTTP/1.1\r\nTransfer-Encoding: gzip",
        "nonsense",
      })
  void everyResponseHasAllSecurityHeaders(String head) throws Exception {
    try (RawHttpConnection wire = server.connect()) {
      RawHttpConnection.RawResponse response =
          wire.send(head, "").readResponse(head.startsWith("HEAD"));

      assertThat(response.headers())
          .containsAllEntriesOf(EXPECTED)
          .doesNotContainKey("strict-transport-security");
    }
  }

  @Test
  void corsResponsesHaveSecurityHeaders() throws Exception {
    CorsPolicy cors =
        new CorsPolicy(
            Set.of("https://console.example"), List.of(), List.of(), false, Duration.ZERO);
    try (RouteServer open =
        RouteServer.of(RouteServer.with(RouteServer.settings(), Optional.of(cors)), new Route[0])) {
      for (String head :
          List.of(
              "GET /nothing HTTP/1.1",
              "OPTIONS / HTTP/1.1\r\nAccess-Control-Request-Method: GET")) {
        assertThat(open.send(head + "\r\nOrigin: https://console.example").headers())
            .containsAllEntriesOf(EXPECTED)
            .containsEntry("access-control-allow-origin", "https://console.example");
      }
    }
  }

  @Test
  void routeMayOverrideSecurityHeaders() throws Exception {
    assertThat(server.send("GET /page HTTP/1.1").headers())
        .containsEntry("content-security-policy", "default-src 'self'")
        .containsEntry("cache-control", "no-cache")
        .containsEntry("x-frame-options", "DENY");
  }
}
