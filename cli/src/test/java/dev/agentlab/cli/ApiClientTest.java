package dev.agentlab.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiClientTest {
  private final FakeService service = new FakeService();
  private final ApiClient api = client(service.url() + "/");

  /// A client without a key.
  static ApiClient client(String url) {
    return new ApiClient(
        ServiceAddress.parse(url),
        new ClientCredential.Missing("none is needed"),
        Optional.empty());
  }

  @AfterEach
  void stop() {
    api.close();
    service.close();
  }

  private static CommandFailure failureOf(Runnable call) {
    try {
      call.run();
    } catch (CommandFailure e) {
      return e;
    }
    throw new AssertionError("expected a CommandFailure");
  }

  @Test
  void responseHasBodyAndEtag() {
    service.on(
        "GET /x", new FakeService.PreparedResponse(200, Map.of("ETag", "\"3\""), "{\"a\": 1.50}"));

    ApiResponse answer = api.get("/x");

    assertThat(answer.body().toString()).isEqualTo("{\"a\":1.50}");
    assertThat(answer.etag()).contains("\"3\"");
  }

  @ParameterizedTest
  @CsvSource({
    "400, FAILURE",
    "404, NOT_FOUND",
    "409, CONFLICT",
    "412, CONFLICT",
    "422, FAILURE",
    "500, FAILURE",
    "503, UNREACHABLE",
  })
  void problemMapsToDetailAndExitCode(int status, ExitCode code) {
    service.on("GET /x", status, "{\"error\": \"e\", \"title\": \"t\", \"detail\": \"d\"}");

    CommandFailure failure = failureOf(() -> api.get("/x"));

    assertThat(failure.code()).isEqualTo(code);
    assertThat(failure.message()).isEqualTo("d");
    assertThat(failure.toJson().path("title").asString()).isEqualTo("t");
  }

  @Test
  void fieldErrorsAreListed() {
    service.on(
        "GET /x",
        400,
        """
        {"title": "Invalid request", "detail": "name: is empty; page: is no number",
         "errors": [{"field": "name", "message": "is empty"},
                    {"field": "page", "message": "is no number"}]}
        """);

    assertThat(failureOf(() -> api.get("/x")).message())
        .isEqualTo("Invalid request\n  name: is empty\n  page: is no number");
  }

  @Test
  void internalErrorIncludesRequestId() {
    service.on(
        "GET /x",
        new FakeService.PreparedResponse(
            500, Map.of("X-Request-Id", "r1"), "{\"detail\": \"wrong\"}"));

    assertThat(failureOf(() -> api.get("/x")).message()).isEqualTo("wrong\nrequest id r1");
  }

  @ParameterizedTest
  @CsvSource({"200, <html>", "502, <html>", "404, '{}'", "404, ''", "200, '{\"a\": 1, \"a\": 2}'"})
  void responseOfAnotherServerIsDetected(int status, String body) {
    service.on("GET /x", status, body);

    CommandFailure failure = failureOf(() -> api.get("/x"));

    assertThat(failure.code()).isEqualTo(ExitCode.FAILURE);
    assertThat(failure.message()).contains("returned status " + status, "check the address");
  }

  @Test
  void refusedConnectionIsUnreachable() {
    service.close();

    assertThatThrownBy(() -> api.get("/x"))
        .isInstanceOfSatisfying(
            CommandFailure.class,
            failure -> {
              assertThat(failure.code()).isEqualTo(ExitCode.UNREACHABLE);
              assertThat(failure.message()).contains(service.url(), "./agent-lab serve");
            });
  }

  @Test
  void putSendsIfMatch() {
    service.on("PUT /x", 200, "{}");

    api.put("/x", Json.MAPPER.createObjectNode(), Optional.of("\"3\""));

    assertThat(service.requests("PUT /x").header("If-match")).isEqualTo("\"3\"");
    assertThat(service.requests("PUT /x").header("Content-type")).isEqualTo("application/json");
  }

  @Test
  void createIsRetriedWithSameIdempotencyKey() throws Exception {
    List<String> keys = new ArrayList<>();
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread answering =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  keys.add(readIdempotencyKey(server.accept(), ""));
                  keys.add(
                      readIdempotencyKey(
                          server.accept(), "HTTP/1.1 201 \r\nContent-Length: 2\r\n\r\n{}"));
                } catch (IOException e) {
                  keys.add(e.toString());
                }
              });
      try (ApiClient other = client("http://127.0.0.1:" + server.getLocalPort())) {
        assertThat(other.create("/x", Json.MAPPER.createObjectNode()).body().isObject()).isTrue();
      }
      answering.join();
    }
    assertThat(keys).hasSize(2);
    assertThat(keys.getFirst()).hasSize(36).isEqualTo(keys.getLast());
  }

  /// Reads a request with the body `{}`, writes a response and closes the connection.
  ///
  /// @return the idempotency key of the request
  private static String readIdempotencyKey(Socket socket, String answer) throws IOException {
    try (socket;
        InputStream in = socket.getInputStream();
        OutputStream out = socket.getOutputStream()) {
      StringBuilder request = new StringBuilder();
      while (!request.toString().endsWith("\r\n\r\n{}")) {
        request.append((char) in.read());
      }
      out.write(answer.getBytes(StandardCharsets.US_ASCII));
      Matcher key = Pattern.compile("(?i)idempotency-key: (\\S+)").matcher(request);
      return key.find() ? key.group(1) : "none";
    }
  }
}
