package dev.agentlab.conversation;

import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The format of the model's text.
public sealed interface OutputFormat {
  /// Any text.
  record PlainText() implements OutputFormat {}

  /// A JSON object.
  ///
  /// @param typePath the path of the member that selects the format
  record AnyJson(String typePath) implements OutputFormat {}

  /// JSON that matches a JSON Schema.
  ///
  /// @param strict whether the provider must guarantee it; empty if the client does not say
  record SchemaJson(
      Optional<String> name,
      Optional<String> description,
      ObjectNode schema,
      Optional<Boolean> strict,
      UnreadMembers unread)
      implements OutputFormat {}

  /// A format of some vendor, or an unknown one.
  ///
  /// @param typePath the path of the member that selects the format
  record VendorFormat(String typePath, JsonNode definition) implements OutputFormat {}
}
