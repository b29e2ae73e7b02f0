package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.e2e.RawConnection.Reply;
import dev.agentlab.postgres.TestServers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Malformed, oversized, slow and mistyped requests: each is rejected with a problem, none causes a
/// status 500, and the service stays available.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class BadRequestsE2ETest {
  private static final String HOST = "Host: localhost\r\n";
  private static final String JSON = "Content-Type: application/json\r\n";
  private static final String OLLAMA =
      """
      {"name": "x", "config": {"name": "ollama", "base_url": "http://127.0.0.1", "options": {}}}\
      """;

  private Program program;

  @BeforeAll
  void serve(@TempDir Path folder) throws Exception {
    TestServers.prepare(folder.resolve("data"));
    program = Program.serve(folder, Map.of("SERVER_READ_TIMEOUT", "1s"));
  }

  @AfterAll
  void stop() throws Exception {
    try (Program _ = program) {
      assertThat(program.client().get("/metrics").text()).doesNotContain("status=\"500\"");
      assertThat(program.log()).doesNotContain("ERROR");
      assertThat(program.stop()).as(program.log()).isZero();
    }
  }

  @AfterEach
  void serviceIsStillAvailable() {
    assertThat(program.status("/api/providers")).isEqualTo(200);
  }

  static Stream<Arguments> invalidRequests() {
    return Stream.of(
        request("no request line", "hello\r\n\r\n", 400),
        request("a TLS ClientHello", "\u0016\u0003\u0001\u0002\r\n\r\n", 400),
        request("an unknown version", "GET / HTTP/3.7\r\n" + HOST + "\r\n", 400),
        request("no Host", "GET /healthz HTTP/1.1\r\n\r\n", 400),
        request("two Hosts", "GET /healthz HTTP/1.1\r\n" + HOST + HOST + "\r\n", 400),
        request("a control character", get("/healthz\u0001", ""), 400),
        request("a header without a name", get("/healthz", ": x\r\n"), 400),
        request("a header of 20 KB", get("/healthz", "X: " + "x".repeat(20_000) + "\r\n"), 431),
        request("2,000 headers", get("/healthz", "X-Some: thing\r\n".repeat(2_000)), 431),
        request("a URI of 10 KB", get("/" + "x".repeat(10_000), ""), 414),
        request("an invalid escape", get("/api/providers?search=%zz", ""), 400),
        request("an escape that is not UTF-8", get("/api/providers?search=%ff", ""), 400),
        request("a path traversal", get("/../../etc/passwd", ""), 404),
        request("an unknown method", "BREW /tea HTTP/1.1\r\n" + HOST + "\r\n", 404),
        request("a method not allowed", "PATCH /healthz HTTP/1.1\r\n" + HOST + "\r\n", 405),
        request("a malformed id", get("/api/keys/1", ""), 400),
        request("no content type", post("", OLLAMA), 415),
        request("another content type", post("Content-Type: text/xml\r\n", OLLAMA), 415),
        request("another charset", post(JSON.replace("json", "json; charset=utf-16"), OLLAMA), 415),
        request("no body", post(JSON, ""), 400),
        request("a truncated body", post(JSON, "{\"name\": \"x\""), 400),
        request("deep nesting", post(JSON, nested(50_000)), 400),
        request("deeply nested options", post(JSON, OLLAMA.replace("{}", nested(5_000))), 400),
        request("a huge number", post(JSON, OLLAMA.replace("{}", "{\"n\": 1e999999999}")), 400),
        request("a string for an object", post(JSON, OLLAMA.replace("{}", "\"{}\"")), 400),
        request("an array for an object", post(JSON, "[" + OLLAMA + "]"), 400),
        request("an unknown member", post(JSON, OLLAMA.replace("\"name\"", "\"nmae\"")), 400),
        request("a Content-Length of 2 MB", post(JSON, "\"" + "x".repeat(2_000_000) + "\""), 413),
        request("2 MB in chunks", chunked(JSON, "\"" + "x".repeat(2_000_000) + "\""), 413),
        request("a malformed chunk", chunked(JSON, "").replace("0\r\n\r\n", "zz\r\n\r\n"), 400),
        request("a negative Content-Length", post(JSON, "").replace(": 0\r\n", ": -1\r\n"), 400),
        request("two Content-Lengths", post(JSON + "Content-Length: 7\r\n", OLLAMA), 400),
        request("an unknown transfer coding", chunked(JSON, OLLAMA).replace("chunked", "xy"), 400),
        request(
            "a compressing transfer coding",
            chunked(JSON, OLLAMA).replace(" chunked", "gzip, chunked"),
            400),
        request("Content-Length and chunks", chunked(JSON + "Content-Length: 7\r\n", OLLAMA), 400),
        Arguments.of(
            "bytes that are not UTF-8", bytes(JSON, new byte[] {'"', (byte) 0xff, '"'}), 400),
        Arguments.of("a gzipped body", bytes(JSON + "Content-Encoding: gzip\r\n", gzip()), 415));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("invalidRequests")
  void invalidRequestIsRejectedWithItsReason(String what, byte[] request, int status)
      throws IOException {
    try (RawConnection wire = RawConnection.to(program.url())) {
      Optional<Reply> reply = wire.sendUntilClosed(withAdminKey(request)).reply();
      assertThat(reply).as(what).isPresent();
      assertThat(reply.get().status()).as(reply.get().body()).isEqualTo(status);
      assertThat(reply.get().head()).contains("application/problem+json");
      assertThat(reply.get().body()).contains("\"error\"").doesNotContain("Exception");
    }
  }

  @Test
  void slowBodyTimesOut() throws Exception {
    try (RawConnection wire = RawConnection.to(program.url())) {
      wire.send(withAdminKey(head(JSON, OLLAMA.length()).getBytes(StandardCharsets.UTF_8)));
      Optional<Reply> reply = wire.sendSlowly(OLLAMA).reply();
      assertThat(reply).map(Reply::status).contains(408);
    }
  }

  @Test
  void incompleteHeadsAreDisconnected() throws Exception {
    List<RawConnection> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 100; i++) {
        slow.add(RawConnection.to(program.url()).send("GET /healthz HTTP/1.1\r\nX-Slow: "));
      }
      assertThat(program.status("/healthz")).isEqualTo(200);
      assertThat(slow.getFirst().sendSlowly("x".repeat(100)).reply()).isEmpty();
      for (RawConnection wire : slow) {
        assertThat(wire.reply()).isEmpty();
      }
    } finally {
      for (RawConnection wire : slow) {
        wire.close();
      }
    }
  }

  @Test
  void disconnectDuringTheBodyCausesNoServerError() throws Exception {
    for (int i = 0; i < 50; i++) {
      try (RawConnection wire = RawConnection.to(program.url())) {
        wire.send(withAdminKey(head(JSON, OLLAMA.length()).getBytes(StandardCharsets.UTF_8)))
            .send(OLLAMA.substring(0, i));
      }
    }
  }

  /// Adds the admin key to a request.
  private byte[] withAdminKey(byte[] request) {
    String text = new String(request, StandardCharsets.ISO_8859_1);
    return text.replaceFirst("\r\n", "\r\nX-Api-Key: %s\r\n".formatted(program.key().orElseThrow()))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Arguments request(String what, String text, int status) {
    return Arguments.of(what, text.getBytes(StandardCharsets.UTF_8), status);
  }

  private static String get(String path, String headers) {
    return "GET " + path + " HTTP/1.1\r\n" + HOST + headers + "\r\n";
  }

  private static String post(String headers, String body) {
    return head(headers, body.length()) + body;
  }

  private static String head(String headers, int length) {
    return "POST /api/providers HTTP/1.1\r\n%s%sContent-Length: %d\r\n\r\n"
        .formatted(HOST, headers, length);
  }

  private static String chunked(String headers, String body) {
    String chunk = body.isEmpty() ? "" : "%x\r\n%s\r\n".formatted(body.length(), body);
    return "POST /api/providers HTTP/1.1\r\n%s%sTransfer-Encoding: chunked\r\n\r\n%s0\r\n\r\n"
        .formatted(HOST, headers, chunk);
  }

  private static byte[] bytes(String headers, byte[] body) {
    byte[] head = head(headers, body.length).getBytes(StandardCharsets.UTF_8);
    byte[] whole = Arrays.copyOf(head, head.length + body.length);
    System.arraycopy(body, 0, whole, head.length, body.length);
    return whole;
  }

  private static byte[] gzip() {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(OLLAMA.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  private static String nested(int depth) {
    return "{\"a\":".repeat(depth) + "1" + "}".repeat(depth);
  }
}
