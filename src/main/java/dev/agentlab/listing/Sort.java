package dev.agentlab.listing;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.json.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// Fields to sort by as a caller sent them, not yet checked: `"name,-created_at"`, or what a client
/// of the Go original makes of them, `[{"Field": "Name", "Descending": true}]`.
///
/// @param json any JSON
public record Sort(@JsonValue JsonNode json) {
  static final JsonNode SCHEMA =
      Json.MAPPER.readTree(
          """
          {
            "description": "Fields to sort by; none is the default order. Not together with sort_by.",
            "oneOf": [
              {
                "type": "string",
                "description": "Fields with commas between, - for descending: name,-created_at."
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
  public Sort {}

  /// As it stands in a query.
  static Sort of(String text) {
    return new Sort(JsonNodeFactory.instance.stringNode(text));
  }
}
