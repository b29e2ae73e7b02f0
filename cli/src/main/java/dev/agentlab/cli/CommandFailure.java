package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The failure of a command, with an exit code and a message for the user.
public sealed class CommandFailure extends RuntimeException permits InvalidConfigFailure {
  private final ExitCode code;
  private final String message;
  private final transient Optional<JsonNode> problem;

  public CommandFailure(ExitCode code, String message) {
    this(code, message, Optional.empty());
  }

  /// Creates a failure that the service reported.
  ///
  /// @param problem the problem details of the response
  CommandFailure(ExitCode code, String message, Optional<JsonNode> problem) {
    super(message);
    this.code = code;
    this.message = message;
    this.problem = problem;
  }

  ExitCode code() {
    return code;
  }

  /// The error message, of one or more lines.
  String message() {
    return message;
  }

  /// The failure as JSON: the problem details of the service, or an object with an `error`.
  JsonNode toJson() {
    return problem.orElseGet(() -> Json.MAPPER.createObjectNode().put("error", message));
  }
}
