package dev.agentlab.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.http.RawHttpConnection;
import dev.agentlab.http.RawHttpConnection.RawResponse;
import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Operations that are forwarded to providers with OpenAI's API, on bytes.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NativeOperationsIT {
  private static final String FILE =
      "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\n"
          + "Content-Type: audio/mpeg\r\n\r\n\0\1\r\n--\u00ff\r\n";
  private static final String MODEL =
      "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n%s\r\n";
  private static final String END = "--b--\r\n";

  @RegisterExtension private final GatewayFixture gateway = new GatewayFixture();

  @BeforeAll
  void register() {
    gateway.registerProvider("oai", "openai", "");
    gateway.registerProvider("claude", "anthropic", "\"models\": [\"claude-*\"], ");
    gateway.register("sim", "{\"name\": \"simulated\"}");
    gateway.createAgent(
        "helper",
        """
        "system_prompt": "Be brief.", "provider": "oai",
        "model": {"name": "gpt-4.1", "capabilities": {"chat": {}}}
        """);
  }

  private RawHttpConnection connect() throws IOException {
    return new RawHttpConnection(gateway.server().url().getPort());
  }

  private RawHttpConnection sendForm(String path, String form) throws IOException {
    RawHttpConnection wire = connect();
    sendFormHead(wire, path, form.length());
    wire.sendRaw(form);
    return wire;
  }

  private void sendFormHead(RawHttpConnection wire, String path, int length) throws IOException {
    wire.sendRaw(
        """
        POST %s HTTP/1.1\r
        Host: localhost\r
        Authorization: Bearer %s\r
        Content-Type: multipart/form-data; boundary=b\r
        Content-Length: %d\r
        \r
        """
            .formatted(path, gateway.server().adminKey(), length));
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(ISO_8859_1));
    out.flush();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"completions", "moderations", "rerank", "images/generations", "audio/speech"})
  void jsonPassesExceptForTheModel(String operation) throws Exception {
    for (String prefix : new String[] {"/v1/", "/"}) {
      gateway.respondWith(
          "HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nx-request-id: req_1\r\n"
              + "Content-Length: 5\r\n\r\n{\0 \1}");

      Answer answer =
          gateway
              .client()
              .post(
                  prefix + operation,
                  "{ \"odd\": 1.50, \"model\": \"oai/some/model\",  \"big\": 9007199254740993 }",
                  "OpenAI-Beta",
                  "x=1",
                  "X-Internal",
                  "secret");

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).isEqualTo("{\0 \1}");
      assertThat(answer.header("content-type")).isEqualTo("audio/mpeg");
      assertThat(answer.header("x-request-id")).isEqualTo("req_1");
      assertThat(answer.header("Agent-Lab-Provider")).isEqualTo("oai");
      assertThat(answer.header("Agent-Lab-Model")).isEqualTo("some/model");
      FakeUpstream.Request request = gateway.upstream().request();
      assertThat(request.requestLine()).isEqualTo("POST /v1/" + operation + " HTTP/1.1");
      assertThat(request.body())
          .contains("\"odd\": 1.50", "\"big\": 9007199254740993")
          .contains("\"some/model\"")
          .doesNotContain("oai/");
      assertThat(request.header("Content-Type")).contains("application/json");
      assertThat(request.header("OpenAI-Beta")).contains("x=1");
      assertThat(request.header("X-Internal")).isEmpty();
      assertThat(request.header("Authorization")).contains("Bearer " + GatewayFixture.PROVIDER_KEY);
    }
  }

  @Test
  void streamPassesAsItArrives() throws Exception {
    CompletableFuture<Void> proceed = new CompletableFuture<>();
    gateway.setScript((_, out) -> {
      write(out, FakeUpstream.events() + "data: 1\n\n");
      proceed.join();
      write(out, "data: [DONE]\n\n");
      out.close();
    });
    String json = "{\"model\": \"oai/m\", \"stream\": true}";
    try (RawHttpConnection wire = connect()) {
      wire.send(
          "POST /v1/completions HTTP/1.1\r\nContent-Type: application/json\r\nAuthorization: Bearer "
              + gateway.server().adminKey(),
          json);
      RawResponse head = wire.readHead();
      assertThat(head.header("content-type")).isEqualTo("text/event-stream");
      assertThat(head.header("x-accel-buffering")).isEqualTo("no");
      assertThat(wire.readChunk()).isEqualTo("data: 1\n\n");
      proceed.complete(null);
      assertThat(wire.readChunk()).isEqualTo("data: [DONE]\n\n");
      assertThat(wire.readChunk()).isEmpty();
    }
  }

  @Test
  void errorOfTheProviderPasses() {
    String error = "{ \"error\": {\"message\": \"Slow down\", \"code\": \"odd\"} }";
    gateway.respondWith(
        "HTTP/1.1 429 No\r\nContent-Type: application/json\r\nretry-after-ms: 5\r\n"
            + "Content-Length: %d\r\n\r\n%s".formatted(error.length(), error));
    Answer answer = gateway.client().post("/v1/moderations", "{\"model\": \"oai/limited\"}");
    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.text()).isEqualTo(error);
    assertThat(answer.header("retry-after-ms")).isEqualTo("5");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/audio/transcriptions",
        "/audio/translations",
        "/v1/images/edits",
        "/images/variations"
      })
  void formPassesExceptForTheModel(String path) throws Exception {
    CompletableFuture<String> received = new CompletableFuture<>();
    String expected = FILE + MODEL.formatted("whisper-1") + FILE + END;
    FakeUpstream.StreamScript script =
        (_, in, out) -> {
          received.complete(new String(in.readNBytes(expected.length()), ISO_8859_1));
          write(out, FakeUpstream.json("{\"text\": \"a\"}"));
        };
    try (FakeUpstream upstream = FakeUpstream.startStreaming(script)) {
      String name = path.substring(1).replace('/', '-');
      gateway.registerProvider(name, upstream);
      try (RawHttpConnection wire =
          sendForm(path, FILE + MODEL.formatted(name + "/whisper-1") + FILE + END)) {
        RawResponse response = wire.readResponse();
        assertThat(response.text()).isEqualTo("{\"text\": \"a\"}");
        assertThat(response.header("agent-lab-model")).isEqualTo("whisper-1");
      }
      assertThat(Await.result(received)).isEqualTo(expected);
      FakeUpstream.Request request = upstream.request();
      assertThat(request.requestLine()).contains(path.replace("/v1", ""));
      assertThat(request.header("Content-Length")).contains(Integer.toString(expected.length()));
      assertThat(request.header("Content-Type")).contains("multipart/form-data; boundary=b");
    }
  }

  @Test
  void formIsSentBeforeItIsComplete() throws Exception {
    CompletableFuture<String> received = new CompletableFuture<>();
    String start = MODEL.formatted("m") + FILE.substring(0, FILE.length() - 9);
    FakeUpstream.StreamScript script =
        (_, in, out) -> {
          received.complete(new String(in.readNBytes(start.length() - 8), ISO_8859_1));
          in.skipNBytes(8 + 9 + END.length());
          write(out, FakeUpstream.json("{}"));
        };
    try (FakeUpstream upstream = FakeUpstream.startStreaming(script)) {
      gateway.registerProvider("early", upstream);
      String form = MODEL.formatted("early/m") + FILE + END;
      try (RawHttpConnection wire = connect()) {
        sendFormHead(wire, "/v1/images/edits", form.length());
        wire.sendRaw(form.substring(0, form.length() - 9 - END.length()));
        assertThat(Await.result(received)).isEqualTo(start.substring(0, start.length() - 8));
        wire.sendRaw(form.substring(form.length() - 9 - END.length()));
        assertThat(wire.readResponse().status()).isEqualTo(200);
      }
    }
  }

  @Test
  void secondModelOfAFormIsRejected() throws Exception {
    FakeUpstream.StreamScript script = (_, in, _) -> in.readAllBytes();
    try (FakeUpstream upstream = FakeUpstream.startStreaming(script)) {
      gateway.registerProvider("twice", upstream);
      String form = MODEL.formatted("twice/m") + FILE + MODEL.formatted("twice/other") + END;
      try (RawHttpConnection wire = connect()) {
        sendFormHead(wire, "/v1/images/edits", form.length());
        wire.sendRaw(form.substring(0, 200));
        upstream.request();
        wire.sendRaw(form.substring(200));
        RawResponse response = wire.readResponse();
        assertThat(response.status()).isEqualTo(400);
        assertThat(error(response.text()).path("param").asString()).isEqualTo("model");
      }
      assertThat(upstream.disconnect()).isEqualTo(1);
    }
  }

  private static JsonNode error(String json) {
    return Json.MAPPER.readTree(json).path("error");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "claude/claude-3 | 400 | of kind anthropic",
        "sim/any         | 400 | of kind simulated",
        "helper          | 400 | not an agent",
        "none/m          | 404 | does not exist",
      })
  void onlyModelsOfProvidersWithTheSameApiAreForwarded(String model, int status, String message)
      throws Exception {
    Answer answer =
        gateway.client().post("/v1/moderations", "{\"model\": \"%s\"}".formatted(model));
    assertThat(answer.status()).isEqualTo(status);
    assertThat(error(answer.text()).path("message").asString()).contains(message);
    assertThat(error(answer.text()).path("param").asString()).isEqualTo("model");
    try (RawHttpConnection wire =
        sendForm("/v1/audio/transcriptions", MODEL.formatted(model) + FILE + END)) {
      RawResponse response = wire.readResponse();
      assertThat(response.status()).isEqualTo(status);
      assertThat(error(response.text()).path("message").asString()).contains(message);
    }
  }

  @Test
  void targetIsAuthorized() {
    gateway.respondWith(FakeUpstream.json("{}"));
    String allowed = "{\"model\": \"oai/tts-1\"}";
    String denied = "{\"model\": \"oai/dall-e-3\"}";
    var client = gateway.clientWithScopes("invoke:model/oai/tts-*");
    assertThat(client.post("/v1/audio/speech", allowed).status()).isEqualTo(200);
    assertThat(client.post("/v1/audio/speech", denied).status()).isEqualTo(404);
  }

  @Test
  void otherContentIsRejected() {
    Answer answer = gateway.client().post("/v1/audio/transcriptions", "{\"model\": \"oai/m\"}");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).contains("multipart/form-data");
    assertThat(gateway.client().post("/v1/completions", "{}").text())
        .contains("model: is required");
  }
}
