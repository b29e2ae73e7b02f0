package dev.agentlab.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.security.Scope;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterProperty;
import tools.jackson.databind.JsonNode;

/// Property tests: arbitrary input gets a response, and never a 500.
class HostileInputTest {
  private static final int TRIES = 700;
  private static final String POST =
      "POST /things HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";

  record Item(UUID id, Optional<Integer> size) {}

  record Thing(String name, Optional<List<Item>> items, Optional<JsonNode> config) {}

  private final RouteServer server =
      RouteServer.of(
          TestRoutes.list(),
          TestRoutes.one(),
          Route.post("/things", "Create")
              .requires(Scope.PUBLIC)
              .accepts(Thing.class)
              .returns(200, Thing.class)
              .handledBy(request -> Response.ok(request.body())));
  private RawHttpConnection wire = connect();

  @AfterProperty
  void stop() throws IOException {
    wire.close();
    server.close();
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
  void anyTargetGetsAResponse(@ForAll("methods") String method, @ForAll("targets") String target)
      throws IOException {
    assertResponse(method, (method + " " + target + " HTTP/1.1\r\nHost: a\r\n\r\n"), "");
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
  void anyHeaderGetsAResponse(@ForAll("headerNames") String name, @ForAll("visible") String value)
      throws IOException {
    assertResponse(
        "GET", "GET /things HTTP/1.1\r\nHost: a\r\n%s: %s\r\n\r\n".formatted(name, value), "");
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
  void anyBodyGetsAResponse(@ForAll("bodies") String body) throws IOException {
    int length = body.getBytes(UTF_8).length;
    assertResponse("POST", POST + "Content-Length: " + length + "\r\n\r\n", body);
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
  void anyBytesCauseNoServerError(@ForAll byte[] bytes, @ForAll("starts") String start)
      throws IOException {
    try (RawHttpConnection other = server.connect()) {
      other.sendRaw(start).sendRaw(bytes);
      other.socket().shutdownOutput();
      byte[] response = other.socket().getInputStream().readAllBytes();

      assertThat(new String(response, ISO_8859_1)).doesNotContain("HTTP/1.1 500");
    } catch (SocketException e) {
      // The server may close the connection before it has read all bytes.
      assertThat(e).hasMessageMatching("Connection reset|Broken pipe");
    }
  }

  private void assertResponse(String method, String head, String body) throws IOException {
    RawHttpConnection.RawResponse response;
    try {
      response =
          wire.sendRaw(head).sendRaw(body.getBytes(UTF_8)).readResponse(method.equals("HEAD"));
    } catch (EOFException | SocketException e) {
      // The connection may have been closed with the previous response; a new one must work.
      wire.close();
      wire = connect();
      response =
          wire.sendRaw(head).sendRaw(body.getBytes(UTF_8)).readResponse(method.equals("HEAD"));
    }
    assertThat(response.status()).as(head + body).isBetween(200, 431);
    if (response.header("Connection").equals("close")) {
      wire.close();
      wire = connect();
    }
  }

  private RawHttpConnection connect() {
    try {
      return server.connect();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Provide
  Arbitrary<String> methods() {
    return Arbitraries.oneOf(
        Arbitraries.of("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"),
        Arbitraries.strings().withCharRange('A', 'Z').ofMinLength(1).ofMaxLength(20));
  }

  @Provide
  Arbitrary<String> targets() {
    Arbitrary<String> piece =
        Arbitraries.of(
            "/",
            "things",
            "?",
            "&",
            "=",
            "page",
            "name",
            "%",
            "%2f",
            "%00",
            "%c3%28",
            "..",
            ";",
            "#",
            "+",
            "{id}",
            "9223372036854775808",
            "123e4567-e89b-12d3-a456-426614174000");
    return Combinators.combine(
            Arbitraries.of("/things", "/things/", "/things?", ""),
            Arbitraries.oneOf(piece, visible()).list().ofMaxSize(8))
        .as((start, rest) -> start + String.join("", rest))
        .filter(target -> !target.isEmpty() && !target.contains(" "));
  }

  @Provide
  Arbitrary<String> headerNames() {
    return Arbitraries.of(
        "X-Request-Id",
        "If-Match",
        "Origin",
        "Expect",
        "Accept",
        "Cookie",
        "Connection",
        "Content-Type",
        "Upgrade",
        "Authorization",
        "Range",
        "TE",
        "Trailer",
        "X-Forwarded-For");
  }

  /// Text that is allowed in a line of a request.
  @Provide
  Arbitrary<String> visible() {
    return Arbitraries.strings().withCharRange('!', '\u00ff').ofMaxLength(40);
  }

  @Provide
  Arbitrary<String> bodies() {
    Arbitrary<String> token =
        Arbitraries.of(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"name\"",
            "\"items\"",
            "\"config\"",
            "\"id\"",
            "null",
            "true",
            "1",
            "-1e999",
            "1.5",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "\"a\"",
            "//",
            "\u00e4",
            "\"123e4567-e89b-12d3-a456-426614174000\"",
            "\n",
            "NaN",
            "\"",
            "\\");
    Arbitrary<String> soup = token.list().ofMaxSize(30).map(tokens -> String.join("", tokens));
    Arbitrary<String> near = soup.map(part -> "{\"name\": \"a\", \"config\": %s}".formatted(part));
    Arbitrary<String> deep =
        Arbitraries.integers().between(1, 2000).map(depth -> "[".repeat(depth) + "]".repeat(depth));
    return Arbitraries.oneOf(
        soup,
        near,
        deep,
        deep.map(d -> "{\"name\":\"a\",\"config\":" + d + "}"),
        Arbitraries.strings().ofMaxLength(200));
  }

  @Provide
  Arbitrary<String> starts() {
    return Arbitraries.of(
        "",
        "GET /things HTTP/1.1\r\nHost: a\r\n",
        "GET /things?",
        POST + "Content-Length: 20\r\n\r\n",
        POST + "Transfer-Encoding: chunked\r\n\r\n");
  }
}
