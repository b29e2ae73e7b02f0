package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// A success, as the service answers.
///
/// @param body the JSON value; missing when the answer has none
/// @param etag the version of what was read
record ApiAnswer(JsonNode body, Optional<String> etag) {

  /// What an answer says.
  ///
  /// @param text its body
  /// @param credential shown with the call
  /// @throws Failure if it is no success, or not an answer of this service
  static ApiAnswer of(HttpResponse<?> response, String text, ClientCredential credential) {
    Optional<JsonNode> body = body(text);
    if (response.statusCode() / 100 == 2) {
      return new ApiAnswer(
          body.orElseThrow(() -> notOurs(response)), response.headers().firstValue("ETag"));
    }
    JsonNode problem =
        body.filter(node -> node.has("error") || node.has("detail"))
            .orElseThrow(() -> notOurs(response));
    throw new CommandFailure(
        ExitCode.ofStatus(response.statusCode()),
        words(problem, response) + AccessDeniedAdvice.advice(response.statusCode(), credential),
        Optional.of(problem));
  }

  /// The JSON value of an answer, missing when it has no body; empty when it is something else.
  private static Optional<JsonNode> body(String text) {
    if (text.isEmpty()) {
      return Optional.of(Json.MAPPER.missingNode());
    }
    try {
      return Optional.of(Json.MAPPER.readTree(text));
    } catch (JacksonException _) {
      return Optional.empty();
    }
  }

  static CommandFailure notOurs(HttpResponse<?> response) {
    return new CommandFailure(
        ExitCode.FAILURE,
        "%s answered %d, but not as agent-lab does; is it the right address?"
            .formatted(response.uri(), response.statusCode()));
  }

  private static String words(JsonNode problem, HttpResponse<?> response) {
    List<String> lines = new ArrayList<>();
    for (JsonNode error : problem.path("errors")) {
      lines.add(
          "  %s: %s"
              .formatted(error.path("field").asString(""), error.path("message").asString("")));
    }
    // The detail of a problem with fields only repeats them.
    lines.addFirst(
        lines.isEmpty() ? text(problem, "detail", "error") : text(problem, "title", "error"));
    if (response.statusCode() == 500) {
      response.headers().firstValue("X-Request-Id").ifPresent(id -> lines.add("request id " + id));
    }
    return String.join("\n", lines);
  }

  private static String text(JsonNode problem, String first, String second) {
    return problem.path(first).asString(problem.path(second).asString(""));
  }
}
