package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// A successful response of the service.
///
/// @param body the JSON value; a missing node if the response has no body
/// @param etag the version of the resource
record ApiResponse(JsonNode body, Optional<String> etag) {

  /// Parses a response.
  ///
  /// @param credential the credential that the request was sent with
  /// @throws CommandFailure if the response is an error, or not one of this service
  static ApiResponse parse(RawResponse response, ClientCredential credential) {
    Optional<JsonNode> body = body(response.body());
    if (response.status() / 100 == 2) {
      return new ApiResponse(
          body.orElseThrow(() -> unexpectedResponse(response)), response.header().apply("ETag"));
    }
    JsonNode problem =
        body.filter(node -> node.has("error") || node.has("detail"))
            .orElseThrow(() -> unexpectedResponse(response));
    throw new CommandFailure(
        ExitCode.ofStatus(response.status()),
        errorMessage(problem, response) + AccessDeniedAdvice.advice(response.status(), credential),
        Optional.of(problem));
  }

  /// Parses a body as JSON: a missing node if there is no body, empty if it is not JSON.
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

  static CommandFailure unexpectedResponse(RawResponse response) {
    return new CommandFailure(
        ExitCode.FAILURE,
        "%s returned status %d and is not an agent-lab service; check the address"
            .formatted(response.uri(), response.status()));
  }

  private static String errorMessage(JsonNode problem, RawResponse response) {
    List<String> lines = new ArrayList<>();
    for (JsonNode error : problem.path("errors")) {
      lines.add(
          "  %s: %s"
              .formatted(error.path("field").asString(""), error.path("message").asString("")));
    }
    // The detail of a problem with field errors repeats those errors.
    lines.addFirst(
        lines.isEmpty() ? text(problem, "detail", "error") : text(problem, "title", "error"));
    if (response.status() == 500) {
      response.header().apply("X-Request-Id").ifPresent(id -> lines.add("request id " + id));
    }
    return String.join("\n", lines);
  }

  /// The text of an error: of a problem, or in the format of OpenAI.
  private static String text(JsonNode problem, String first, String second) {
    JsonNode message = problem.at("/error/message");
    return message.isString()
        ? message.stringValue()
        : problem.path(first).asString(problem.path(second).asString(""));
  }
}
