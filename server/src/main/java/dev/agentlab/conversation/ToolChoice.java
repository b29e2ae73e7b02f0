package dev.agentlab.conversation;

import java.util.List;
import tools.jackson.databind.JsonNode;

/// Which tools the model may or must call.
public sealed interface ToolChoice {
  /// The model decides.
  record AutomaticChoice() implements ToolChoice {}

  /// No tool.
  record NoTool() implements ToolChoice {}

  /// At least one tool.
  record AnyTool() implements ToolChoice {}

  /// One function.
  record NamedFunction(String name) implements ToolChoice {}

  /// Some functions.
  ///
  /// @param isRequired whether the model must call one of them
  record AllowedFunctions(boolean isRequired, List<String> names) implements ToolChoice {
    public AllowedFunctions {
      names = List.copyOf(names);
    }
  }

  /// A choice in the format of some vendor, or an invalid one.
  record VendorChoice(JsonNode definition) implements ToolChoice {}
}
