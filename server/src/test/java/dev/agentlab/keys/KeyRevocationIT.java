package dev.agentlab.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.http.RawHttpConnection;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Running requests on one replica whose key is revoked, deleted, rotated or expires on another.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeyRevocationIT {
  private static final String CHUNK =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"H\"},\"finish_reason\":null}]}\n\n";
  private static final String FINAL_CHUNKS =
      "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
  private static final String INVALID_KEY_EVENT =
      errorEvent("the API key is not valid; it may have been revoked");

  private final DatabaseSettings database = TestPostgres.migratedDatabase();
  @RegisterExtension private final TestServer here = new TestServer(database);
  @RegisterExtension private final TestServer elsewhere = new TestServer(database);
  private final KeyApi keys = new KeyApi(here);

  /// The output streams of the responses of the upstream.
  private final BlockingQueue<OutputStream> responses = new LinkedBlockingQueue<>();

  private final FakeUpstream upstream = FakeUpstream.start((_, out) -> responses.add(out));
  private String agent = "";

  @BeforeAll
  void createAgent() {
    TestClient.Answer created =
        keys.admin()
            .post(
                "/api/agents",
                """
                {"name": "streaming", "config": {"model": {"name": "m", "capabilities": {"chat": {}}},
                 "provider": {"name": "ollama", "base_url": "%s", "options": {"auth_type": "none"}}}}\
                """
                    .formatted(upstream.url("")));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    agent = created.json().get("id").asString();
  }

  @AfterAll
  void closeUpstream() throws IOException {
    upstream.close();
  }

  /// A run on the other replica and the model call that it waits for.
  ///
  /// @param connection the connection of the model call
  private record Run(RawHttpConnection wire, int connection, OutputStream response)
      implements AutoCloseable {
    void send(String events) throws IOException {
      response.write(events.getBytes(StandardCharsets.UTF_8));
      response.flush();
    }

    /// Reads the rest of the stream.
    String readRest() throws IOException {
      StringBuilder rest = new StringBuilder();
      for (String part = wire.readChunk(); !part.isEmpty(); part = wire.readChunk()) {
        rest.append(part);
      }
      return rest.toString();
    }

    @Override
    public void close() throws IOException {
      wire.close();
    }
  }

  @Test
  void revokedKeyEndsItsStreamsOnEveryReplica() throws Exception {
    KeyApi.CreatedKey key = keys.create("invoke");
    KeyApi.CreatedKey other = keys.create("invoke");
    try (Run ended = startStream(key.key());
        Run continuing = startStream(other.key())) {
      keys.revoke(key.id());

      assertThat(ended.readRest()).isEqualTo(INVALID_KEY_EVENT);
      awaitDisconnect(ended.connection());
      continuing.send(FINAL_CHUNKS);
      assertThat(continuing.readRest()).isEqualTo(FINAL_CHUNKS);
    }
    awaitIdle();
  }

  @Test
  void deletedKeyEndsItsStreams() throws Exception {
    KeyApi.CreatedKey key = keys.create("invoke");
    try (Run run = startStream(key.key())) {
      here.execute("DELETE FROM api_keys WHERE id = '%s'".formatted(key.id()));

      assertThat(run.readRest()).isEqualTo(INVALID_KEY_EVENT);
      awaitDisconnect(run.connection());
    }
    awaitIdle();
  }

  @Test
  void expiredKeyEndsItsStreams() throws Exception {
    KeyApi.CreatedKey key = keys.create("invoke", Instant.now().plusSeconds(6).toString());
    try (Run run = startStream(key.key())) {
      String end = key.json().get("expires_at").asString();

      assertThat(run.readRest())
          .isEqualTo(errorEvent("the API key expired at %s; create a new one".formatted(end)));
      awaitDisconnect(run.connection());
    }
    awaitIdle();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0s", "1s"})
  void rotationEndsStreamsOfTheOldSecretAfterTheOverlap(String overlap) throws Exception {
    KeyApi.CreatedKey old = keys.create("invoke");
    try (Run ended = startStream(old.key())) {
      KeyApi.CreatedKey current = keys.rotate(old.id(), "{\"overlap\": \"%s\"}".formatted(overlap));
      Await.value(200, () -> new KeyApi(elsewhere).selfStatus(current.key()));
      try (Run continuing = startStream(current.key())) {

        assertThat(ended.readRest()).isEqualTo(INVALID_KEY_EVENT);
        awaitDisconnect(ended.connection());
        continuing.send(FINAL_CHUNKS);
        assertThat(continuing.readRest()).isEqualTo(FINAL_CHUNKS);
      }
    }
    awaitIdle();
  }

  @Test
  void revokedKeyEndsNonStreamingRuns() throws Exception {
    KeyApi.CreatedKey key = keys.create("invoke");
    try (Run run = startRun("chat", key.key())) {
      keys.revoke(key.id());

      RawHttpConnection.RawResponse answer = run.wire().readResponse();
      assertThat(answer.status()).as(answer.text()).isEqualTo(401);
      assertThat(answer.json().get("type").asString()).isEqualTo("/problems/unauthenticated");
      awaitDisconnect(run.connection());
    }
    awaitIdle();
  }

  private static String errorEvent(String message) {
    return "event: error\ndata: {\"error\":{\"message\":\"%s\",\"type\":\"authentication_error\",\"code\":\"unauthenticated\"}}\n\n"
        .formatted(message);
  }

  /// Starts a stream and reads its first chunk.
  private Run startStream(String key) throws Exception {
    Run run = startRun("chat/stream", key);
    run.send(FakeUpstream.events() + CHUNK);
    assertThat(run.wire().readHead().status()).isEqualTo(200);
    assertThat(run.wire().readChunk()).isEqualTo(CHUNK);
    return run;
  }

  private Run startRun(String what, String key) throws Exception {
    Await.value(200, () -> new KeyApi(elsewhere).selfStatus(key));
    RawHttpConnection wire = new RawHttpConnection(elsewhere.client().base().getPort());
    wire.send(
        "POST /api/agents/%s/%s HTTP/1.1\r\nContent-Type: application/json\r\nX-Api-Key: %s"
            .formatted(agent, what, key),
        "{\"prompt\": \"Hi\"}");
    int connection = upstream.request().connection();
    return new Run(wire, connection, responses.take());
  }

  private void awaitDisconnect(int connection) throws InterruptedException {
    int disconnected;
    do {
      disconnected = upstream.disconnect();
    } while (disconnected != connection);
  }

  /// Waits until the replica handles only the metrics request and has no reserved memory.
  private void awaitIdle() {
    Await.value(1.0, () -> metric("http_server_in_flight"));
    Await.value(0.0, () -> metric("agentlab_memory_reserved_bytes"));
  }

  private double metric(String name) {
    return elsewhere
        .client()
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .sum();
  }
}
