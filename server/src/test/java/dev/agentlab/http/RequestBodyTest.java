package dev.agentlab.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.json.Json;
import dev.agentlab.json.SchemaExactlyOne;
import dev.agentlab.security.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RequestBodyTest {
  private static final String HEAD = "POST /things HTTP/1.1\r\nContent-Type: application/json";
  private static final int MAX_BYTES = 1000;

  enum Colour {
    RED,
    GREEN
  }

  record Item(UUID id) {}

  record Thing(
      String name,
      Optional<Integer> size,
      Optional<Colour> colour,
      Optional<Instant> at,
      Optional<List<Item>> items,
      Optional<JsonNode> config) {
    Thing {
      if (name.isEmpty()) {
        throw new InvalidInputException("name", "must not be empty");
      }
    }
  }

  record Order(String toWhom, List<Line> lines, Optional<String> note) {}

  @SchemaExactlyOne(one = "prompt", other = "messages")
  record Open(
      JsonNode input,
      Optional<String> prompt,
      Optional<String> messages,
      @JsonAnySetter Map<String, JsonNode> members) {}

  record Line(UUID article, int howMany) {}

  @SuppressWarnings("NullAway.Init") // set before all tests
  private RouteServer server;

  @BeforeAll
  void start() {
    HttpSettings defaults = RouteServer.settings();
    HttpSettings small =
        new HttpSettings(
            defaults.host(),
            defaults.port(),
            defaults.allowedHosts(),
            defaults.trustedProxies(),
            Duration.ofSeconds(1),
            defaults.writeTimeout(),
            defaults.idleTimeout(),
            defaults.heartbeat(),
            MAX_BYTES,
            defaults.maxInFlight(),
            defaults.tls(),
            defaults.cors(),
            defaults.publicOrigin());
    server =
        RouteServer.of(
            small,
            Route.post("/things", "Create")
                .requires(Scope.PUBLIC)
                .accepts(Thing.class)
                .returns(200, Map.class)
                .handledBy(request -> Response.ok(Map.of("name", request.body().name()))));
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/json;charset=\"UTF-8\""
      })
  void jsonMediaTypeIsAccepted(String mediaType) throws Exception {
    RawHttpConnection.RawResponse response =
        server.send("POST /things HTTP/1.1\r\nContent-Type: " + mediaType, "{\"name\": \"ä\"}");

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.json().get("name").asString()).isEqualTo("ä");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                                                  | to_whom, lines",
        "{'note': 'n', 'to_whom': null}                      | to_whom, lines",
        "{'lines': []}                                       | to_whom",
        "{'to_whom': 'a', 'lines': [{}]}                     | lines[0].article, lines[0].how_many",
        "{'to_whom': 'a', 'lines': [{'article': null}]}      | lines[0].article, lines[0].how_many",
      })
  void allMissingMembersAreReported(String json, String fields) {
    byte[] body = json.replace('\'', '"').getBytes(UTF_8);
    ObjectReader reader = Json.MAPPER.readerFor(Order.class);

    InvalidInputException e =
        catchThrowableOfType(InvalidInputException.class, () -> JsonBodyReader.read(body, reader));
    assertThat(e.errors()).extracting(FieldError::message).containsOnly("is required");
    assertThat(e.errors()).extracting(FieldError::field).containsExactly(fields.split(", "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'to_whon': 'a', 'lines': []} | to_whon: is unknown; did you mean to_whom?;"
            + " to_whom: is required",
        "{'to_whom': 'a', 'lins': [], 'x': 1} | lins: is unknown; did you mean lines?;"
            + " x: is unknown; known members are lines, note, to_whom; lines: is required",
        "{'to_whom': 'a', 'lines': [], 'x': 1, 'noet': ''} | x: is unknown; known members are lines,"
            + " note, to_whom; noet: is unknown; known members are lines, note, to_whom",
        "{'to_whom': 'a', 'lines': [{'how_mny': 1}]} | lines[0].how_mny: is unknown; did you"
            + " mean how_many?; lines[0].article: is required; lines[0].how_many: is required",
      })
  void misspeltMemberIsReportedWithTheMissingMember(String json, String faults) {
    byte[] body = json.replace('\'', '"').getBytes(UTF_8);

    assertThatThrownBy(() -> JsonBodyReader.read(body, Json.MAPPER.readerFor(Order.class)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(faults);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                        | input: is required; prompt: exactly one of prompt and"
            + " messages must be given",
        "{'inputs': 1, 'prompt': 'a', 'other': 2} | inputs: is unknown; did you mean input?;"
            + " input: is required",
      })
  void recordWithAdditionalMembersReportsOnlyMisspeltOnes(String json, String faults) {
    byte[] body = json.replace('\'', '"').getBytes(UTF_8);

    assertThatThrownBy(() -> JsonBodyReader.read(body, Json.MAPPER.readerFor(Open.class)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(faults);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"text/plain", "application/jsonx", "application/json; charset=latin1", "", "*/*"})
  void otherMediaTypeIsUnsupported(String mediaType) throws Exception {
    RawHttpConnection.RawResponse response =
        server.send("POST /things HTTP/1.1\r\nContent-Type: " + mediaType, "{\"name\": \"a\"}");

    assertThat(response.status()).isEqualTo(415);
    assertThat(response.json().get("detail").asString())
        .contains("the header Content-Type: application/json", mediaType);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'name': 'a', 'nmae': 'SECRET'}     | nmae         | is unknown; known members are at, colour,"
            + " config, items, name, size",
        "{'name': 'a', ' ': 1}               | \" \"         | is unknown; known members are at, colour,"
            + " config, items, name, size",
        "{}                                  | name         | is required",
        "{'name': null}                      | name         | is required",
        "{'name': 5}                         | name         | must be a string",
        "{'name': {'a': 'SECRET'}}           | name         | must be a string",
        "{'name': ''}                        | name         | must not be empty",
        "{'name': 'a', 'size': 'SECRET'}     | size         | must be an integer",
        "{'name': 'a', 'size': 1.5}          | size         | must be an integer",
        "{'name': 'a', 'size': 99999999999}  | size         | is out of range",
        "{'name': 'a', 'colour': 'SECRET'}   | colour       | must be one of RED, GREEN",
        "{'name': 'a', 'at': 'SECRET'}       | at           | must be a time such as"
            + " 2026-01-31T12:00:00Z",
        "{'name': 'a', 'items': 'SECRET'}    | items        | must be an array",
        "{'name': 'a', 'items': [null]}      | items[0]     | is required",
        "{'name': 'a', 'items': [{'id': 'SECRET'}]} | items[0].id | must be a UUID such as"
            + " 123e4567-e89b-12d3-a456-426614174000",
        "{'name': 'a', 'items': [{}]}        | items[0].id  | is required",
        "{'name': 'a', 'items': [5]}         | items[0]     | must be an object",
        "['SECRET']                          | body         | must be an object",
        "5                                   | body         | must be an object",
        "null                                | body         | must not be null",
        "{'name': 'a'                        | body         | is not valid JSON (line 1, column"
            + " 13)",
        "{'name': SECRET}                    | body         | is not valid JSON (line 1, column"
            + " 10)",
        "{'name': 'a', 'name': 'SECRET'}     | body         | has a duplicate member (line 1, column"
            + " 21)",
        "{'name': 'a'} {'name': 'SECRET'}    | body         | has content after the end of the JSON value (line 1, column"
            + " 15)",
        "{'name': 'a'} SECRET                | body         | is not valid JSON (line 1, column"
            + " 15)",
      })
  void errorDoesNotRepeatTheInput(String json, String field, String message) throws Exception {
    RawHttpConnection.RawResponse response = server.send(HEAD, json.replace('\'', '"'));

    assertThat(response.status()).isEqualTo(400);
    assertThat(response.header("Content-Type")).isEqualTo("application/problem+json");
    JsonNode error = response.json().get("errors").get(0);
    assertThat(error.get("field").asString()).isEqualTo(field);
    assertThat(error.get("message").asString()).isEqualTo(message);
    assertThat(response.text()).doesNotContain("SECRET");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\n"})
  void emptyBodyIsReported(String body) throws Exception {
    RawHttpConnection.RawResponse response = server.send(HEAD, body);

    assertThat(response.status()).isEqualTo(400);
    assertThat(response.json().get("detail").asString()).contains("empty");
  }

  @Test
  void deepNestingIsRejected() throws Exception {
    RawHttpConnection.RawResponse response =
        server.send(
            HEAD, "{\"name\": \"a\", \"config\": " + "[".repeat(200) + "]".repeat(200) + "}");

    assertThat(response.status()).isEqualTo(400);
    assertThat(response.json().get("detail").asString()).contains("nested too deeply");
  }

  @Test
  void invalidUtf8IsRejected() throws Exception {
    byte[] bytes = "{\"name\": \"\u00e4\"}".getBytes(ISO_8859_1);
    try (RawHttpConnection wire = server.connect()) {
      wire.sendRaw(HEAD + "\r\nHost: a\r\nContent-Length: " + bytes.length + "\r\n\r\n")
          .sendRaw(bytes);

      RawHttpConnection.RawResponse response = wire.readResponse();
      assertThat(response.status()).isEqualTo(400);
      assertThat(response.json().get("detail").asString()).contains("UTF-8");
    }
  }

  @Test
  void announcedTooLargeBodyIsRejectedImmediately() throws Exception {
    try (RawHttpConnection wire = server.connect()) {
      wire.sendRaw(HEAD + "\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n");

      assertThat(wire.readResponse().status()).isEqualTo(413);
      assertThat(wire.isClosed()).isTrue();
    }
  }

  @Test
  void tooLargeChunkedBodyIsRejectedWhileReceived() throws Exception {
    try (RawHttpConnection wire = server.connect()) {
      wire.sendRaw(HEAD + "\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (int i = 0; i < 11; i++) {
        wire.sendRaw("64\r\n" + "a".repeat(100) + "\r\n");
      }

      RawHttpConnection.RawResponse response = wire.readResponse();
      assertThat(response.status()).isEqualTo(413);
      assertThat(response.json().get("detail").asString())
          .isEqualTo("a body is at most 1000 bytes, the value of server.max_body_size");
      assertThat(response.header("Connection")).isEqualTo("close");
    }
  }

  @Test
  void chunkedBodyIsAccepted() throws Exception {
    try (RawHttpConnection wire = server.connect()) {
      wire.sendRaw(HEAD + "\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
      wire.sendRaw("9\r\n{\"name\": \r\n").sendRaw("4\r\n\"a\"}\r\n").sendRaw("0\r\n\r\n");

      assertThat(wire.readResponse().status()).isEqualTo(200);
    }
  }

  @Test
  void malformedChunkIsRejected() throws Exception {
    try (RawHttpConnection wire = server.connect()) {
      wire.sendRaw(HEAD + "\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n");

      assertThat(wire.readResponse().status()).isEqualTo(400);
      assertThat(wire.isClosed()).isTrue();
    }
  }

  @Test
  void expectContinueGetsStatus100() throws Exception {
    String body = "{\"name\": \"a\"}";
    try (RawHttpConnection wire = server.connect()) {
      String length = "\r\nContent-Length: " + body.length();
      wire.sendRaw(HEAD + "\r\nHost: a\r\nExpect: 100-continue" + length + "\r\n\r\n");
      assertThat(wire.readResponse().status()).isEqualTo(100);

      wire.sendRaw(body.getBytes(UTF_8));
      assertThat(wire.readResponse().status()).isEqualTo(200);
    }
  }

  @Test
  void slowBodyTimesOutAndClosesTheConnection() throws Exception {
    try (RawHttpConnection wire = server.connect()) {
      wire.sendRaw(HEAD + "\r\nHost: a\r\nContent-Length: 100\r\n\r\n{");

      RawHttpConnection.RawResponse response = wire.readResponse();
      assertThat(response.status()).isEqualTo(408);
      assertThat(response.header("Connection")).isEqualTo("close");
      assertThat(wire.isClosed()).isTrue();
    }
  }

  @Test
  void connectionIsReusableAfterUnsupportedBody() throws Exception {
    try (RawHttpConnection wire = server.connect()) {
      wire.send("POST /things HTTP/1.1\r\nContent-Type: text/plain", "hello");
      assertThat(wire.readResponse().status()).isEqualTo(415);

      wire.send(HEAD, "{\"name\": \"a\"}");
      assertThat(wire.readResponse().status()).isEqualTo(200);
    }
  }

  @Test
  void valuesAboveTheLimitAreRejected() {
    assertThat(JsonBodyReader.countNodes(bytes("[" + "1,".repeat(300_000) + "1]"))).isPositive();
    assertThatThrownBy(() -> JsonBodyReader.countNodes(bytes("[" + "{},".repeat(175_000) + "1]")))
        .isInstanceOfSatisfying(
            RequestRejectedException.class,
            rejection ->
                assertThat(rejection.problem().type()).isEqualTo(ProblemType.PAYLOAD_TOO_LARGE))
        .hasMessageContaining("350000 values");
  }

  private static byte[] bytes(String json) {
    return json.getBytes(UTF_8);
  }
}
