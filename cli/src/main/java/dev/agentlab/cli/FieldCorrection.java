package dev.agentlab.cli;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/// Prompts again for the fields of a form that the service rejects, and keeps the other fields.
///
/// @param isCorrectable whether the user can be prompted for a field, which has its name in the API
/// @param prompt prompts for the field
record FieldCorrection(
    Terminal terminal, Predicate<String> isCorrectable, Consumer<String> prompt) {

  /// Sends the request until the service accepts it.
  ///
  /// @throws CommandFailure if the service rejects it for another reason
  JsonNode send(Supplier<JsonNode> request) {
    while (true) {
      try {
        return request.get();
      } catch (CommandFailure e) {
        List<String> fields = rejectedFields(e);
        if (fields.isEmpty() || !fields.stream().allMatch(isCorrectable)) {
          throw e;
        }
        terminal.err().println(Terminal.sanitize(e.message()));
        terminal.err().flush();
        fields.forEach(prompt);
      }
    }
  }

  private static List<String> rejectedFields(CommandFailure failure) {
    // A new resource conflicts with others by its name only.
    return failure.code() == ExitCode.CONFLICT
        ? List.of("name")
        : failure
            .toJson()
            .path("errors")
            .valueStream()
            .map(error -> withoutIndex(error.path("field").asString("")))
            .distinct()
            .toList();
  }

  /// The list of an element such as `config.options.models[2]`, because the user is prompted for
  /// the entire list.
  private static String withoutIndex(String field) {
    return field.endsWith("]") ? field.substring(0, field.lastIndexOf('[')) : field;
  }
}
