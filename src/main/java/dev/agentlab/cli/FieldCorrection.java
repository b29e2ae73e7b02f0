package dev.agentlab.cli;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/// Prompts again for the fields of a form that the service rejects, and keeps the other fields.
///
/// @param asks whether the user can be prompted for a field, which has its name in the API
/// @param ask prompts for the field
record FieldCorrection(Terminal terminal, Predicate<String> asks, Consumer<String> ask) {

  /// Sends the request until the service accepts it.
  ///
  /// @throws CommandFailure if the service rejects it for another reason
  JsonNode send(Supplier<JsonNode> request) {
    while (true) {
      try {
        return request.get();
      } catch (CommandFailure e) {
        List<String> fields = refused(e);
        if (fields.isEmpty() || !fields.stream().allMatch(asks)) {
          throw e;
        }
        terminal.err().println(Terminal.clean(e.message()));
        terminal.err().flush();
        fields.forEach(ask);
      }
    }
  }

  private static List<String> refused(CommandFailure failure) {
    // A new resource conflicts with others by its name only.
    return failure.code() == ExitCode.CONFLICT
        ? List.of("name")
        : failure
            .json()
            .path("errors")
            .valueStream()
            .map(error -> error.path("field").asString(""))
            .distinct()
            .toList();
  }
}
