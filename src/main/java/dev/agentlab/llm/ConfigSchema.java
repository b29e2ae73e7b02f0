package dev.agentlab.llm;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The JSON Schema of a kind's configuration, as a caller sends it. A replacement may leave out a
/// required secret, which is then kept.
final class ConfigSchema {
  private ConfigSchema() {}

  static JsonNode of(ProviderKind kind) {
    ObjectNode schema = object(kind.title(), kind.description());
    ObjectNode members = schema.putObject("properties");
    members.putObject("name").put("const", kind.name());
    members.set("base_url", option(kind.baseUrl()));
    members.set("options", options(kind));
    ArrayNode required = schema.putArray("required").add("name");
    if (kind.baseUrl().required()) {
      required.add("base_url");
    }
    if (kind.options().stream().anyMatch(Option::required)) {
      required.add("options");
    }
    return schema.put("additionalProperties", false);
  }

  private static ObjectNode options(ProviderKind kind) {
    ObjectNode options =
        object("Options", "What this kind declares; other members are kept and not used.");
    ObjectNode members = options.putObject("properties");
    ArrayNode required = options.putArray("required");
    for (Option option : kind.options()) {
      members.set(option.name(), option(option));
      if (option.required()) {
        required.add(option.name());
      }
    }
    return options;
  }

  private static ObjectNode option(Option option) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    schema.put("type", "string").put("description", option.description());
    switch (option.type()) {
      case TEXT -> {}
      case SECRET -> schema.put("format", "password").put("writeOnly", true);
      // What takes other text too must not be closed to it.
      case CHOICE ->
          option.choices().forEach(schema.putArray(option.open() ? "examples" : "enum")::add);
      case URL -> schema.put("format", "uri");
    }
    if (option.required()) {
      schema.put("minLength", 1);
    }
    option.standard().ifPresent(value -> schema.put("default", value));
    return schema;
  }

  private static ObjectNode object(String title, String description) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("type", "object")
        .put("title", title)
        .put("description", description);
  }
}
