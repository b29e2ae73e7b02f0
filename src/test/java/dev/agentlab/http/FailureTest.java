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
class FailureTest {
  private static final class Taken extends RuntimeException {}

  private static final class Strange extends RuntimeException {}

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
                  if (thrown instanceof Strange) {
                    throw new IllegalStateException("the problem mapper fails too");
                  }
                  return thrown instanceof Taken
                      ? Optional.of(Problem.of(ProblemType.NAME_TAKEN, "there is one"))
                      : Optional.empty();
                },
                List.of(
                    failing(
                        "/invalid",
                        () -> {
                          throw new InvalidInputException(
                              List.of(new FieldError("a", "is bad"), new FieldError("b", "too")));
                        }),
                    failing(
                        "/away",
                        () -> {
                          throw new UnavailableException(
                              "the database is unavailable",
                              Duration.ofSeconds(2),
                              new IllegalStateException("SECRET"));
                        }),
                    failing(
                        "/taken",
                        () -> {
                          throw new Taken();
                        }),
                    failing(
                        "/strange",
                        () -> {
                          throw new Strange();
                        }),
                    failing(
                        "/unknown",
                        () -> {
                          throw new IllegalStateException("SECRET");
                        }),
                    failing(
                        "/error",
                        () -> {
                          throw new StackOverflowError("SECRET");
                        }),
                    failing("/unwritable", () -> Response.ok(new Unwritable(""))),
                    failing("/header", () -> Response.noContent().with("X-Bad", "a\r\nb: c")))));
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @Test
  void aProblemSaysEverythingTwiceForOldAndNewClients() throws Exception {
    Wire.Answer response = server.ask("GET /fail/taken HTTP/1.1\r\nX-Request-Id: abc");

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
  void anInvalidInputNamesItsFields() throws Exception {
    Wire.Answer response = server.ask("GET /fail/invalid HTTP/1.1");

    assertThat(response.status()).isEqualTo(400);
    assertThat(response.json().get("error").asString()).isEqualTo("a: is bad; b: too");
    assertThat(response.json().get("errors")).hasSize(2);
  }

  @Test
  void somethingUnavailableSaysWhenToTryAgain() throws Exception {
    Wire.Answer response = server.ask("GET /fail/away HTTP/1.1");

    assertThat(response.status()).isEqualTo(503);
    assertThat(response.header("Retry-After")).isEqualTo("2");
    assertThat(response.text()).contains("the database is unavailable").doesNotContain("SECRET");
  }

  @Test
  void anUnknownFailureSaysNothingButTheRequestId() throws Exception {
    for (String path : List.of("unknown", "error", "strange", "unwritable", "header")) {
      try (LogCapture logs = LogCapture.of(ProblemMapper.class)) {
        Wire.Answer response = server.ask("GET /fail/" + path + " HTTP/1.1");

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
  void theLineOfAFailureCarriesTheRequestId() throws Exception {
    try (LogCapture logs = LogCapture.of(ProblemMapper.class)) {
      String id = server.ask("GET /fail/unknown HTTP/1.1").header("X-Request-Id");

      assertThat(logs.lines().getFirst().getMDCPropertyMap()).isEqualTo(Map.of("request_id", id));
    }
  }

  private interface Work {
    Response run();
  }

  private static Route failing(String path, Work work) {
    return Route.get(path, "Fail").needs(Scope.OPEN).givesNothing(204).by(_ -> work.run());
  }
}
