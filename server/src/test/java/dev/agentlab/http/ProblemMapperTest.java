package dev.agentlab.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.security.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProblemMapperTest {
  private static final class NameTakenException extends RuntimeException {}

  private static final class UnmappableException extends RuntimeException {}

  record Unwritable(String part) {
    @Override
    public String part() {
      throw new IllegalStateException("SECRET");
    }
  }

  @SuppressWarnings("NullAway.Init") // set before all tests
  private RouteServer server;

  @BeforeAll
  void start() {
    server =
        RouteServer.of(
            RouteServer.settings(),
            new RouteGroup(
                "/fail",
                "Fail",
                "Routes that fail.",
                thrown -> {
                  if (thrown instanceof UnmappableException) {
                    throw new IllegalStateException("the problem mapper fails too");
                  }
                  return thrown instanceof NameTakenException
                      ? Optional.of(Problem.of(ProblemType.NAME_TAKEN, "there is one"))
                      : Optional.empty();
                },
                List.of(
                    route(
                        "/invalid",
                        () -> {
                          throw new InvalidInputException(
                              List.of(new FieldError("a", "is bad"), new FieldError("b", "too")));
                        }),
                    route(
                        "/away",
                        () -> {
                          throw new UnavailableException(
                              "the database is unavailable",
                              Duration.ofSeconds(2),
                              new IllegalStateException("SECRET"));
                        }),
                    route(
                        "/taken",
                        () -> {
                          throw new NameTakenException();
                        }),
                    route(
                        "/strange",
                        () -> {
                          throw new UnmappableException();
                        }),
                    route(
                        "/unknown",
                        () -> {
                          throw new IllegalStateException("SECRET");
                        }),
                    route(
                        "/error",
                        () -> {
                          throw new StackOverflowError("SECRET");
                        }),
                    route("/unwritable", () -> Response.ok(new Unwritable(""))),
                    route(
                        "/header", () -> Response.noContent().withHeader("X-Bad", "a\r\nb: c")))));
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @Test
  void problemBodyHasAllMembers() throws Exception {
    RawHttpConnection.RawResponse response =
        server.send("GET /fail/taken HTTP/1.1\r\nX-Request-Id: abc");

    assertThat(response.status()).isEqualTo(409);
    assertThat(response.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(response.header("X-Request-Id")).isEqualTo("abc");
    assertThat(response.text())
        .isEqualTo(
            """
            {"type":"/problems/name-taken","title":"Name already in use","status":409,\
            "detail":"there is one","instance":"/fail/taken","error":"there is one",\
            "request_id":"abc"}\
            """);
  }

  @Test
  void invalidInputListsItsFields() throws Exception {
    RawHttpConnection.RawResponse response = server.send("GET /fail/invalid HTTP/1.1");

    assertThat(response.status()).isEqualTo(400);
    assertThat(response.json().get("error").asString()).isEqualTo("a: is bad; b: too");
    assertThat(response.json().get("errors")).hasSize(2);
  }

  @Test
  void unavailableSendsRetryAfter() throws Exception {
    RawHttpConnection.RawResponse response = server.send("GET /fail/away HTTP/1.1");

    assertThat(response.status()).isEqualTo(503);
    assertThat(response.header("Retry-After")).isEqualTo("2");
    assertThat(response.text()).contains("the database is unavailable").doesNotContain("SECRET");
  }

  @Test
  void unexpectedErrorRevealsOnlyTheRequestId() throws Exception {
    for (String path : List.of("unknown", "error", "strange", "unwritable", "header")) {
      try (LogCapture logs = LogCapture.of(ProblemMapper.class)) {
        RawHttpConnection.RawResponse response = server.send("GET /fail/" + path + " HTTP/1.1");

        assertThat(response.status()).as(path).isEqualTo(500);
        JsonNode body = response.json();
        assertThat(body.get("detail").asString())
            .isEqualTo(
                "an unexpected error occurred; see the log for request_id "
                    + response.header("X-Request-Id"));
        assertThat(response.text()).doesNotContain("SECRET", "Exception");
        assertThat(response.headers()).doesNotContainKey("b");
        assertThat(logs.lines()).hasSize(1);
        assertThat(logs.lines().getFirst().getThrowableProxy()).isNotNull();
      }
    }
  }

  @Test
  void errorLogLineHasTheRequestId() throws Exception {
    try (LogCapture logs = LogCapture.of(ProblemMapper.class)) {
      String id = server.send("GET /fail/unknown HTTP/1.1").header("X-Request-Id");

      assertThat(logs.lines().getFirst().getMDCPropertyMap()).isEqualTo(Map.of("request_id", id));
    }
  }

  private interface Action {
    Response run();
  }

  private static Route route(String path, Action work) {
    return Route.get(path, "Fail")
        .requires(Scope.PUBLIC)
        .returnsEmpty(204)
        .handledBy(_ -> work.run());
  }
}
