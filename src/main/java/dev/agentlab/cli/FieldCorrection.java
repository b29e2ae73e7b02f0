package dev.agentlab.cli;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/// Has a person correct what the service refuses of their answers, and keeps the rest.
///
/// @param asks whether a field, named as the service names it, can be asked for again
/// @param ask asks for it again
record FieldCorrection(Terminal terminal, Predicate<String> asks, Consumer<String> ask) {

  /// Sends the answers until the service takes them.
  ///
  /// @throws Failure if it refuses them for another reason
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
    // What is created conflicts with others by its name only.
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
