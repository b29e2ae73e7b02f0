package dev.agentlab.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.security.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CorsPolicyTest {
  private static final String ALLOWED = "https://console.example";
  private static final CorsPolicy CORS =
      new CorsPolicy(
          Set.of(ALLOWED),
          List.of("GET", "POST"),
          List.of("Content-Type", "Authorization"),
          false,
          Duration.ofHours(1));
  private static final Route HELLO =
      Route.get("/hello", "Hello")
          .requires(Scope.PUBLIC)
          .returnsText(200, "text/plain")
          .handledBy(_ -> Response.text(200, "text/plain", "hello"));

  @Test
  void allowedOriginMayReadResponsesAndProblems() throws Exception {
    try (RouteServer server = RouteServer.of(with(CORS), HELLO)) {
      for (String path : List.of("/hello", "/nothing")) {
        RawHttpConnection.RawResponse response =
            server.send("GET " + path + " HTTP/1.1\r\nOrigin: " + ALLOWED);

        assertThat(response.headers())
            .containsEntry("access-control-allow-origin", ALLOWED)
            .containsEntry("vary", "origin")
            .containsEntry(
                "access-control-expose-headers", "ETag, Location, Retry-After, X-Request-Id")
            .doesNotContainKey("access-control-allow-credentials");
      }
    }
  }

  @Test
  void crossOriginChangeWithoutCredentialIsForbidden() throws Exception {
    AtomicInteger changes = new AtomicInteger();
    Route change =
        Route.post("/change", "Change")
            .requires(new Scope("things:write"))
            .returnsText(200, "text/plain")
            .handledBy(_ -> Response.text(200, "text/plain", "" + changes.incrementAndGet()));
    try (RouteServer server = RouteServer.of(with(CORS), change)) {
      String post = "POST /change HTTP/1.1\r\nContent-Length: 0";
      for (String origin : List.of("https://evil.example", "null", "http://localhost:8081")) {
        assertThat(server.send(post + "\r\nOrigin: " + origin).status()).isEqualTo(403);
      }
      assertThat(changes).hasValue(0);
      for (String origin : List.of(ALLOWED, "http://localhost", "https://localhost")) {
        assertThat(server.send(post + "\r\nOrigin: " + origin).status()).isEqualTo(200);
      }
      assertThat(server.send(post).status()).isEqualTo(200);
      assertThat(
              server
                  .send(post + "\r\nOrigin: https://evil.example\r\nAuthorization: Bearer x")
                  .status())
          .isEqualTo(200);
    }
  }

  @Test
  void preflightSucceedsForAnyPath() throws Exception {
    try (RouteServer server = RouteServer.of(with(CORS), HELLO)) {
      for (String path : List.of("/hello", "/nothing")) {
        RawHttpConnection.RawResponse response = preflight(server, path, ALLOWED);

        assertThat(response.status()).isEqualTo(204);
        assertThat(response.headers())
            .containsEntry("access-control-allow-origin", ALLOWED)
            .containsEntry("access-control-allow-methods", "GET, POST")
            .containsEntry("access-control-allow-headers", "Content-Type, Authorization")
            .containsEntry("access-control-max-age", "3600")
            .containsEntry("vary", "origin");
      }
    }
  }

  @Test
  void disallowedOriginGetsNoCorsHeaders() throws Exception {
    try (RouteServer server = RouteServer.of(with(CORS), HELLO)) {
      for (String origin : List.of("https://evil.example", ALLOWED + ".evil.example", "null")) {
        assertNoCorsHeaders(preflight(server, "/hello", origin));
        assertNoCorsHeaders(server.send("GET /hello HTTP/1.1\r\nOrigin: " + origin));
      }
    }
  }

  @Test
  void allowCredentialsIsSentIfConfigured() throws Exception {
    CorsPolicy credentials =
        new CorsPolicy(
            CORS.origins(), CORS.allowedMethods(), CORS.allowedHeaders(), true, CORS.maxAge());
    try (RouteServer server = RouteServer.of(with(credentials), HELLO)) {
      assertThat(preflight(server, "/hello", ALLOWED).header("Access-Control-Allow-Credentials"))
          .isEqualTo("true");
    }
  }

  @Test
  void withoutCorsOriginIsIgnored() throws Exception {
    try (RouteServer server = RouteServer.of(HELLO)) {
      assertThat(preflight(server, "/hello", ALLOWED).header("Allow")).isNotEmpty();
      assertThat(server.send("GET /hello HTTP/1.1\r\nOrigin: " + ALLOWED).headers().keySet())
          .noneMatch(name -> name.startsWith("access-control"))
          .doesNotContain("vary");
    }
  }

  private static void assertNoCorsHeaders(RawHttpConnection.RawResponse response) {
    assertThat(response.headers().keySet()).noneMatch(name -> name.startsWith("access-control"));
    assertThat(response.headers()).containsEntry("vary", "origin");
  }

  private static RawHttpConnection.RawResponse preflight(
      RouteServer server, String path, String origin) throws Exception {
    return server.send(
        "OPTIONS %s HTTP/1.1\r\nOrigin: %s\r\nAccess-Control-Request-Method: POST"
            .formatted(path, origin));
  }

  private static HttpSettings with(CorsPolicy cors) {
    return RouteServer.with(RouteServer.settings(), Optional.of(cors));
  }
}
