package dev.agentlab.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.security.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CorsTest {
  private static final String ALLOWED = "https://console.example";
  private static final Cors CORS =
      new Cors(
          Set.of(ALLOWED),
          List.of("GET", "POST"),
          List.of("Content-Type", "Authorization"),
          false,
          Duration.ofHours(1));
  private static final Route HELLO =
      Route.get("/hello", "Hello")
          .needs(Scope.OPEN)
          .givesText(200, "text/plain")
          .by(_ -> Response.text(200, "text/plain", "hello"));

  @Test
  void anAllowedOriginMayReadAnswersAndFailures() throws Exception {
    try (RouteServer server = RouteServer.of(with(CORS), HELLO)) {
      for (String path : List.of("/hello", "/nothing")) {
        Wire.Answer response = server.ask("GET " + path + " HTTP/1.1\r\nOrigin: " + ALLOWED);

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
  void whereNobodyNeedsAKeyAStrangersPageChangesNothing() throws Exception {
    AtomicInteger changes = new AtomicInteger();
    Route change =
        Route.post("/change", "Change")
            .needs(Scope.SECRETS_ADMIN)
            .givesText(200, "text/plain")
            .by(_ -> Response.text(200, "text/plain", "" + changes.incrementAndGet()));
    try (RouteServer server = RouteServer.of(with(CORS), change)) {
      String post = "POST /change HTTP/1.1\r\nContent-Length: 0";
      for (String origin : List.of("https://evil.example", "null", "http://localhost:8081")) {
        assertThat(server.ask(post + "\r\nOrigin: " + origin).status()).isEqualTo(403);
      }
      assertThat(changes).hasValue(0);
      for (String origin : List.of(ALLOWED, "http://localhost", "https://localhost")) {
        assertThat(server.ask(post + "\r\nOrigin: " + origin).status()).isEqualTo(200);
      }
      assertThat(server.ask(post).status()).isEqualTo(200);
      assertThat(
              server
                  .ask(post + "\r\nOrigin: https://evil.example\r\nAuthorization: Bearer x")
                  .status())
          .isEqualTo(200);
    }
  }

  @Test
  void aPreflightIsAnsweredForAnyPath() throws Exception {
    try (RouteServer server = RouteServer.of(with(CORS), HELLO)) {
      for (String path : List.of("/hello", "/nothing")) {
        Wire.Answer response = preflight(server, path, ALLOWED);

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
  void anotherOriginGetsNoPermission() throws Exception {
    try (RouteServer server = RouteServer.of(with(CORS), HELLO)) {
      for (String origin : List.of("https://evil.example", ALLOWED + ".evil.example", "null")) {
        assertNoPermission(preflight(server, "/hello", origin));
        assertNoPermission(server.ask("GET /hello HTTP/1.1\r\nOrigin: " + origin));
      }
    }
  }

  @Test
  void credentialsAreAllowedWhenSet() throws Exception {
    Cors credentials =
        new Cors(CORS.origins(), CORS.allowedMethods(), CORS.allowedHeaders(), true, CORS.maxAge());
    try (RouteServer server = RouteServer.of(with(credentials), HELLO)) {
      assertThat(preflight(server, "/hello", ALLOWED).header("Access-Control-Allow-Credentials"))
          .isEqualTo("true");
    }
  }

  @Test
  void withoutCorsNoOriginIsEvenLookedAt() throws Exception {
    try (RouteServer server = RouteServer.of(HELLO)) {
      assertThat(preflight(server, "/hello", ALLOWED).header("Allow")).isNotEmpty();
      assertThat(server.ask("GET /hello HTTP/1.1\r\nOrigin: " + ALLOWED).headers().keySet())
          .noneMatch(name -> name.startsWith("access-control"))
          .doesNotContain("vary");
    }
  }

  private static void assertNoPermission(Wire.Answer response) {
    assertThat(response.headers().keySet()).noneMatch(name -> name.startsWith("access-control"));
    assertThat(response.headers()).containsEntry("vary", "origin");
  }

  private static Wire.Answer preflight(RouteServer server, String path, String origin)
      throws Exception {
    return server.ask(
        "OPTIONS %s HTTP/1.1\r\nOrigin: %s\r\nAccess-Control-Request-Method: POST"
            .formatted(path, origin));
  }

  private static HttpSettings with(Cors cors) {
    return RouteServer.with(RouteServer.settings(), Optional.of(cors));
  }
}
