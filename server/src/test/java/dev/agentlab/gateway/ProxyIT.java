package dev.agentlab.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.http.RawHttpConnection;
import dev.agentlab.http.RawHttpConnection.RawResponse;
import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Any request to the API of a provider, on bytes.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProxyIT {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final Duration SECOND = Duration.ofSeconds(1);

  @RegisterExtension private final GatewayFixture gateway = new GatewayFixture();

  @BeforeAll
  void register() {
    gateway.registerProvider("oai", "openai", "\"organization\": \"org-ours\", ");
    gateway.registerProvider("claude", "anthropic", "");
    gateway.register("sim", "{\"name\": \"simulated\"}");
    gateway.register(
        "aws",
        """
        {"name": "bedrock", "base_url": "%s", "options": {"region": "us-east-1",
         "auth_type": "sigv4", "access_key_id": "AKIAIOSFODNN7EXAMPLE",
         "secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}}
        """
            .formatted(gateway.upstream().url("")));
  }

  private RawHttpConnection connect() throws IOException {
    return new RawHttpConnection(gateway.server().url().getPort());
  }

  /// Sends the head of a request, with the admin key.
  private void sendHead(RawHttpConnection wire, String requestLine, String... headers)
      throws IOException {
    wire.sendRaw(
        "%s HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: %s\r\n%s\r\n"
            .formatted(
                requestLine,
                gateway.server().adminKey(),
                headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n"));
  }

  private RawResponse send(String requestLine, String body, String... headers) throws IOException {
    try (RawHttpConnection wire = connect()) {
      String[] all = new String[headers.length + 1];
      System.arraycopy(headers, 0, all, 0, headers.length);
      all[headers.length] = "Content-Length: " + body.getBytes(ISO_8859_1).length;
      sendHead(wire, requestLine, all);
      wire.sendRaw(body);
      return wire.readResponse(requestLine.startsWith("HEAD"));
    }
  }

  private FakeUpstream streaming(String provider, FakeUpstream.StreamScript script) {
    FakeUpstream upstream = FakeUpstream.startStreaming(script);
    gateway.registerProvider(provider, upstream);
    return upstream;
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(ISO_8859_1));
    out.flush();
  }

  private static JsonNode error(RawResponse response) {
    return Json.MAPPER.readTree(response.text()).path("error");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE"})
  void requestAndResponsePassAsTheyAre(String method) throws Exception {
    gateway.respondWith(
        "HTTP/1.1 207 Some\r\nContent-Type: application/x-any\r\nx-request-id: req_1\r\n"
            + "Connection: x-hop\r\nx-hop: 1\r\nSet-Cookie: a=b\r\nContent-Encoding: br\r\n"
            + "Content-Length: 4\r\n\r\n{\0\1}");

    RawResponse response =
        send(
            method + " /proxy/oai/files/a%20b?purpose=x&b[]=1",
            "{\0\1 odd",
            "Content-Type: application/x-odd",
            "X-Unknown: 1",
            "Cookie: session=1",
            "Connection: x-mine",
            "X-Mine: 1",
            "X-Forwarded-For: 10.0.0.1",
            "OpenAI-Organization: org-theirs");

    assertThat(response.status()).isEqualTo(207);
    assertThat(response.text()).isEqualTo("{\0\1}");
    assertThat(response.header("content-type")).isEqualTo("application/x-any");
    assertThat(response.header("content-encoding")).isEqualTo("br");
    assertThat(response.header("content-length")).isEqualTo("4");
    assertThat(response.header("x-request-id")).isEqualTo("req_1");
    assertThat(response.header("agent-lab-provider")).isEqualTo("oai");
    assertThat(response.header("agent-lab-request-id")).isNotEmpty();
    assertThat(response.headers()).doesNotContainKeys("x-hop", "set-cookie");
    FakeUpstream.Request request = gateway.upstream().request();
    assertThat(request.requestLine())
        .isEqualTo(method + " /v1/files/a%20b?purpose=x&b[]=1 HTTP/1.1");
    assertThat(request.body()).isEqualTo("{\0\1 odd");
    assertThat(request.header("Authorization")).contains("Bearer " + GatewayFixture.PROVIDER_KEY);
    assertThat(request.header("Content-Type")).contains("application/x-odd");
    assertThat(request.header("X-Unknown")).contains("1");
    assertThat(request.header("OpenAI-Organization")).contains("org-ours");
    assertThat(request.header("X-Api-Key")).isEmpty();
    assertThat(request.header("Cookie")).isEmpty();
    assertThat(request.header("X-Mine")).isEmpty();
    assertThat(request.header("X-Forwarded-For")).isEmpty();
  }

  @Test
  void getAndHeadHaveNoBody() throws Exception {
    gateway.respondWith("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assertThat(send("GET /proxy/oai/files", "").status()).isEqualTo(200);
    assertThat(gateway.upstream().request().requestLine()).startsWith("GET /v1/files ");
    gateway.respondWith("HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n");
    RawResponse head = send("HEAD /proxy/oai/files", "");
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.header("content-length")).isEqualTo("77");
    assertThat(gateway.upstream().request().requestLine()).startsWith("HEAD /v1/files ");
  }

  @Test
  void providerOfAnotherDialectHasItsOwnHeaders() throws Exception {
    gateway.respondWith(OK);
    assertThat(send("POST /proxy/claude/messages/batches", "{}", "anthropic-beta: b").text())
        .isEqualTo("ok");
    FakeUpstream.Request request = gateway.upstream().request();
    assertThat(request.header("x-api-key")).contains(GatewayFixture.PROVIDER_KEY);
    assertThat(request.header("anthropic-version")).isPresent();
    assertThat(request.header("anthropic-beta")).contains("b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"oai", "claude"})
  void errorOfTheProviderPassesWithoutItsKey(String provider) throws Exception {
    String body = "{ \"odd\" : \"key %s\" }";
    gateway.respondWith(
        FakeUpstream.response(
            "418 Tea", "application/json", body.formatted(GatewayFixture.PROVIDER_KEY)));
    RawResponse response = send("GET /proxy/" + provider + "/files", "");
    assertThat(response.status()).isEqualTo(418);
    assertThat(response.text()).isEqualTo(body.formatted("***"));
  }

  @Test
  void bodyIsSignedIfTheProviderRequiresIt() throws Exception {
    gateway.respondWith(OK);
    assertThat(send("POST /proxy/aws/model/m/invoke", "{\"a\": 1}").text()).isEqualTo("ok");
    FakeUpstream.Request request = gateway.upstream().request();
    assertThat(request.body()).isEqualTo("{\"a\": 1}");
    assertThat(request.header("Authorization").orElseThrow()).startsWith("AWS4-HMAC-SHA256 ");
  }

  @Test
  void uploadAndDownloadStreamAtTheSameTime() throws Exception {
    FakeUpstream.StreamScript echo =
        (_, in, out) -> {
          write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
          for (int i = 0; i < 4; i++) {
            write(out, "1\r\n" + (char) in.read() + "\r\n");
          }
          write(out, "0\r\n\r\n");
        };
    try (FakeUpstream _ = streaming("echo", echo);
        RawHttpConnection wire = connect()) {
      sendHead(wire, "PUT /proxy/echo/a", "Content-Length: 4");
      wire.sendRaw("a");
      assertThat(wire.readHead().status()).isEqualTo(200);
      assertThat(wire.readChunk()).isEqualTo("a");
      wire.sendRaw("b");
      assertThat(wire.readChunk()).isEqualTo("b");
      wire.sendRaw("cd");
      assertThat(wire.readChunk() + wire.readChunk()).startsWith("cd".substring(0, 1));
    }
  }

  @Test
  void chunkedUploadPasses() throws Exception {
    CompletableFuture<String> received = new CompletableFuture<>();
    FakeUpstream.StreamScript script =
        (_, in, out) -> {
          received.complete(new String(in.readNBytes(16), ISO_8859_1));
          write(out, OK);
        };
    try (FakeUpstream upstream = streaming("chunked", script);
        RawHttpConnection wire = connect()) {
      sendHead(wire, "POST /proxy/chunked/a", "Transfer-Encoding: chunked");
      wire.sendRaw("6\r\nabcdef\r\n0\r\n\r\n");
      assertThat(wire.readResponse().text()).isEqualTo("ok");
      assertThat(Await.result(received)).isEqualTo("6\r\nabcdef\r\n0\r\n\r\n");
      assertThat(upstream.request().header("Content-Length")).isEmpty();
    }
  }

  @Test
  void slowProviderPausesTheUpload() throws Exception {
    CompletableFuture<Void> proceed = new CompletableFuture<>();
    long size = 64L << 20;
    FakeUpstream.StreamScript script =
        (_, in, out) -> {
          proceed.join();
          in.skipNBytes(size);
          write(out, OK);
        };
    try (FakeUpstream _ = streaming("paused", script);
        RawHttpConnection wire = connect()) {
      sendHead(wire, "POST /proxy/paused/a", "Content-Length: " + size);
      AtomicLong sent = new AtomicLong();
      Thread sender = Thread.ofVirtual().start(() -> sendZeros(wire, size, sent));
      Thread.sleep(1_000);
      // What the socket buffers of four sockets hold.
      assertThat(sent.get()).isLessThan(size / 2);
      proceed.complete(null);
      assertThat(wire.readResponse().text()).isEqualTo("ok");
      sender.join();
    }
  }

  private static void sendZeros(RawHttpConnection wire, long size, AtomicLong sent) {
    byte[] part = new byte[1 << 16];
    try {
      while (sent.get() < size) {
        wire.sendRaw(part);
        sent.addAndGet(part.length);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void slowClientPausesTheDownload() throws Exception {
    long size = 64L << 20;
    AtomicLong sent = new AtomicLong();
    gateway.setScript((_, out) -> {
      write(out, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n".formatted(size));
      byte[] part = new byte[1 << 16];
      while (sent.get() < size) {
        out.write(part);
        sent.addAndGet(part.length);
      }
      out.flush();
    });
    try (RawHttpConnection wire = connect()) {
      sendHead(wire, "GET /proxy/oai/files/f/content");
      assertThat(wire.readHead().header("content-length")).isEqualTo(Long.toString(size));
      Thread.sleep(1_000);
      assertThat(sent.get()).isLessThan(size / 2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 9", "Transfer-Encoding: chunked"})
  void truncatedResponseIsAborted(String framing) throws Exception {
    String part = framing.contains("chunked") ? "4\r\nhalf\r\n" : "half";
    gateway.setScript((_, out) -> {
      write(out, "HTTP/1.1 200 OK\r\n%s\r\n\r\n%s".formatted(framing, part));
      out.close();
    });
    try (RawHttpConnection wire = connect()) {
      sendHead(wire, "GET /proxy/oai/files");
      assertThatThrownBy(
              () -> {
                RawResponse response = wire.readResponse();
                // A body shorter than announced is as broken as an error.
                assertThat(response.text()).hasSize(9);
              })
          .isInstanceOfAny(IOException.class, AssertionError.class);
    }
  }

  @Test
  void disconnectDuringTheUploadCancelsTheCall() throws Exception {
    FakeUpstream.StreamScript script = (_, in, _) -> in.readAllBytes();
    try (FakeUpstream upstream = streaming("up", script)) {
      try (RawHttpConnection wire = connect()) {
        sendHead(wire, "POST /proxy/up/a", "Content-Length: 9");
        wire.sendRaw("half");
        upstream.request();
      }
      assertThat(timeToDisconnect(upstream)).isLessThan(SECOND);
    }
  }

  @Test
  void disconnectBeforeTheResponseCancelsTheCall() throws Exception {
    FakeUpstream.StreamScript script = (_, in, _) -> in.readAllBytes();
    try (FakeUpstream upstream = streaming("silent", script)) {
      try (RawHttpConnection wire = connect()) {
        sendHead(wire, "GET /proxy/silent/a");
        upstream.request();
      }
      assertThat(timeToDisconnect(upstream)).isLessThan(SECOND);
    }
  }

  @Test
  void disconnectDuringTheDownloadCancelsTheCall() throws Exception {
    FakeUpstream.StreamScript script =
        (_, in, out) -> {
          write(out, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
          in.readAllBytes();
        };
    try (FakeUpstream upstream = streaming("down", script)) {
      try (RawHttpConnection wire = connect()) {
        sendHead(wire, "GET /proxy/down/a");
        assertThat(wire.readHead().status()).isEqualTo(200);
      }
      assertThat(timeToDisconnect(upstream)).isLessThan(SECOND);
    }
  }

  private static Duration timeToDisconnect(FakeUpstream upstream) throws InterruptedException {
    long start = System.nanoTime();
    upstream.disconnect();
    return Duration.ofNanos(System.nanoTime() - start);
  }

  @Test
  void revokedKeyAbortsTheDownload() throws Exception {
    FakeUpstream.StreamScript script =
        (_, in, out) -> {
          write(out, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
          in.readAllBytes();
        };
    Answer created =
        gateway
            .server()
            .client()
            .post("/api/keys", "{\"name\": \"short\", \"scopes\": [\"proxy:revoked\"]}");
    try (FakeUpstream _ = streaming("revoked", script);
        RawHttpConnection wire = connect()) {
      wire.sendRaw(
          "GET /proxy/revoked/a HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: %s\r\n\r\n"
              .formatted(created.json().get("key").asString()));
      assertThat(wire.readHead().status()).isEqualTo(200);
      gateway.server().client().delete("/api/keys/" + created.json().get("id").asString());
      assertThat(wire.socket().getInputStream().readAllBytes()).hasSizeLessThan(9);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "invoke, oai/files, 403",
    "proxy:claude, oai/files, 404",
    "proxy:claude, none/files, 404",
    "proxy, none/files, 404",
    "proxy, oai/files, 200",
    "proxy:oai, oai/files, 200",
    "proxy:oai, oai/organization/users, 403",
    "proxy:oai, oai/a/../b, 400",
    "proxy:oai, oai/a%2F..%2Fb, 400",
    "proxy, sim/files, 400",
  })
  void accessDependsOnTheScope(String scope, String path, int status) throws Exception {
    gateway.respondWith(OK);
    String key = key(scope);
    try (RawHttpConnection wire = connect()) {
      wire.sendRaw(
          "GET /proxy/%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n"
              .formatted(path, key));
      RawResponse response = wire.readResponse();
      assertThat(response.status()).as(response.text()).isEqualTo(status);
      if (status != 200) {
        assertThat(error(response).path("message").asString()).isNotEmpty();
        assertThat(gateway.upstream().isIdle()).isTrue();
      }
    }
  }

  private String key(String scope) {
    Answer created =
        gateway
            .server()
            .client()
            .post("/api/keys", "{\"name\": \"k\", \"scopes\": [\"%s\"]}".formatted(scope));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return created.json().get("key").asString();
  }

  @Test
  void forbiddenAndUnknownProvidersAreReportedAlike() throws Exception {
    String key = key("proxy:claude");
    String[] messages = new String[2];
    for (int i = 0; i < 2; i++) {
      try (RawHttpConnection wire = connect()) {
        wire.sendRaw(
            "GET /proxy/%s/a HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: %s\r\n\r\n"
                .formatted(i == 0 ? "oai" : "none", key));
        messages[i] = error(wire.readResponse()).toString().replace("`oai`", "`none`");
      }
    }
    assertThat(messages[0]).isEqualTo(messages[1]);
  }

  @Test
  void unreachableProviderIsAnErrorInOpenAisShape() throws Exception {
    gateway.register(
        "gone",
        "{\"name\": \"openai\", \"base_url\": \"http://127.0.0.1:1/v1\","
            + " \"options\": {\"api_key\": \"k\"}}");
    RawResponse response = send("GET /proxy/gone/files", "");
    assertThat(response.status()).isEqualTo(502);
    assertThat(error(response).path("type").asString()).isEqualTo("server_error");
  }

  @Test
  void signedBodyAboveTheLimitIsRejected() throws Exception {
    try (RawHttpConnection wire = connect()) {
      sendHead(wire, "POST /proxy/aws/model/m/invoke", "Transfer-Encoding: chunked");
      byte[] part = ("10000\r\n" + "x".repeat(1 << 16) + "\r\n").getBytes(UTF_8);
      Thread sender =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  for (int i = 0; i < 513; i++) {
                    wire.sendRaw(part);
                  }
                } catch (IOException e) {
                  // The server closes the connection.
                }
              });
      RawResponse response = wire.readResponse();
      assertThat(response.status()).isEqualTo(413);
      assertThat(error(response).path("message").asString()).contains("gateway.max_body_size");
      sender.join();
    }
  }
}
