package dev.agentlab.conversation;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// A tool that the model may call.
public sealed interface ChatTool {
  /// The path of the tool in the client's request.
  String path();

  /// A function of the client.
  ///
  /// @param parameters the JSON Schema of the arguments
  /// @param strict whether the arguments must match the schema; empty if the client does not say
  record FunctionTool(
      String path,
      String name,
      Optional<String> description,
      Optional<Member<JsonNode>> parameters,
      Optional<Member<Boolean>> strict,
      Extensions extensions)
      implements ChatTool {}

  /// A tool in the format of some vendor.
  ///
  /// @param type the value of its member `type`; empty if it has none
  /// @param definition the tool as the client wrote it
  record VendorTool(String path, Optional<String> type, JsonNode definition) implements ChatTool {}
}
