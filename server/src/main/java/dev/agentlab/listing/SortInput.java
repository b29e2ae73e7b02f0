package dev.agentlab.listing;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.json.Json;
import dev.agentlab.json.SchemaName;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// The fields to sort by as received from a caller, not validated: `"name,-created_at"`, or as
/// clients of the Go original encode them, `[{"Field": "Name", "Descending": true}]`.
///
/// @param json any JSON value
@SchemaName("Sort")
public record SortInput(@JsonValue JsonNode json) {
  static final JsonNode SCHEMA =
      Json.MAPPER.readTree(
          """
          {
            "description": "Fields to sort by; empty for the default order. Cannot be combined with sort_by.",
            "oneOf": [
              {
                "type": "string",
                "description": "Comma-separated fields, with the prefix - for descending order, such as name,-created_at."
              },
              {
                "type": "array",
                "items": {
                  "type": "object",
                  "properties": {
                    "Field": {"type": "string"},
                    "Descending": {"type": "boolean", "default": false}
                  },
                  "required": ["Field"]
                }
              }
            ]
          }
          """);

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public SortInput {}

  /// Creates a sort from the query parameter `sort`.
  static SortInput of(String text) {
    return new SortInput(JsonNodeFactory.instance.stringNode(text));
  }
}
