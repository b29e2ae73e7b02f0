package dev.agentlab.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.errors.FieldError;
import dev.agentlab.http.ErrorFormat.EncodedError;
import dev.agentlab.http.Problem;
import dev.agentlab.http.ProblemType;
import dev.agentlab.json.Json;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class OpenAiErrorsTest {
  private final OpenAiErrors errors = new OpenAiErrors();

  private static JsonNode json(EncodedError error) {
    return Json.MAPPER.readTree(error.body()).path("error");
  }

  @Test
  void invalidMemberIsTheParameter() {
    EncodedError error =
        errors.encode(
            Problem.invalid(List.of(new FieldError("messages[0].role", "must be user"))),
            "/",
            "r1");

    assertThat(json(error))
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"message": "messages[0].role: must be user", "type": "invalid_request_error",
                 "param": "messages[0].role", "code": null}
                """));
    assertThat(error.headers()).containsEntry("Agent-Lab-Request-Id", "r1");
  }

  @Test
  void delayIsGivenInTheHeadersThatClientsObey() {
    EncodedError error =
        errors.encode(
            Problem.of(ProblemType.UNAVAILABLE, "busy").retryAfter(Duration.ofMillis(1_200)),
            "/",
            "r1");

    assertThat(error.headers())
        .containsEntry("retry-after-ms", "1200")
        .containsEntry("x-should-retry", "true");
    assertThat(json(error).path("type").asString()).isEqualTo("server_error");
    assertThat(json(error).path("code").asString()).isEqualTo("unavailable");
  }

  @Test
  void endOfTheCredentialIsAnEvent() {
    assertThat(new String(errors.unauthenticatedEvent("the key ended", "r1"), UTF_8))
        .isEqualTo(
            "event: error\ndata: {\"error\":{\"message\":\"the key ended\","
                + "\"type\":\"authentication_error\",\"param\":null,\"code\":\"invalid_api_key\"}}\n\n");
  }
}
