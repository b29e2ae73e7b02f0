package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The end of a command that could not do its work, in words for the person who ran it.
final class CommandFailure extends RuntimeException {
  private final ExitCode code;
  private final String message;
  private final transient Optional<JsonNode> problem;

  CommandFailure(ExitCode code, String message) {
    this(code, message, Optional.empty());
  }

  /// A failure the service reported.
  ///
  /// @param problem its problem details, as it sent them
  CommandFailure(ExitCode code, String message, Optional<JsonNode> problem) {
    super(message);
    this.code = code;
    this.message = message;
    this.problem = problem;
  }

  ExitCode code() {
    return code;
  }

  /// What went wrong, in one or more lines.
  String message() {
    return message;
  }

  /// The failure for programs: the service's own problem details, or an object with an `error`.
  JsonNode json() {
    return problem.orElseGet(() -> Json.MAPPER.createObjectNode().put("error", message));
  }
}
