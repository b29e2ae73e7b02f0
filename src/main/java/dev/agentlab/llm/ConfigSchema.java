package dev.agentlab.llm;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
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
    ObjectNode model = members.putObject("model");
    model.putArray("type").add("object").add("null");
    model.put("description", "Kept and shown; not used, for each agent names its model.");
    ArrayNode required = schema.putArray("required").add("name");
    if (kind.baseUrl().required()) {
      required.add("base_url");
    }
    if (kind.options().stream().anyMatch(ConfigSchema::isAlwaysRequired)) {
      required.add("options");
    }
    exemptions(kind)
        .forEach((url, options) -> schema.withArray("allOf").add(unlessAt(url, options)));
    return schema.put("additionalProperties", false);
  }

  private static boolean isAlwaysRequired(Option option) {
    return option.required() && option.exempt().isEmpty();
  }

  private static Map<String, List<Option>> exemptions(ProviderKind kind) {
    return kind.options().stream()
        .filter(option -> option.exempt().isPresent())
        .collect(Collectors.groupingBy(option -> option.exempt().orElseThrow().pattern()));
  }

  /// Requires options, unless `base_url` has such a part.
  private static ObjectNode unlessAt(String url, List<Option> options) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    ObjectNode condition = schema.putObject("if");
    condition.putArray("required").add("base_url");
    condition.putObject("properties").putObject("base_url").put("pattern", url);
    ObjectNode otherwise = schema.putObject("else");
    otherwise.putArray("required").add("options");
    ObjectNode inner = otherwise.putObject("properties").putObject("options");
    ArrayNode required = inner.putArray("required");
    ObjectNode members = inner.putObject("properties");
    for (Option option : options) {
      required.add(option.name());
      members.putObject(option.name()).put("minLength", 1);
    }
    return schema;
  }

  private static ObjectNode options(ProviderKind kind) {
    ObjectNode options =
        object("Options", "What this kind declares; other members are kept and not used.");
    ObjectNode members = options.putObject("properties");
    ArrayNode required = options.putArray("required");
    for (Option option : kind.options()) {
      members.set(option.name(), option(option));
      if (isAlwaysRequired(option)) {
        required.add(option.name());
      }
    }
    return options;
  }

  private static ObjectNode option(Option option) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    schema.put("type", type(option)).put("description", option.description());
    switch (option.type()) {
      case TEXT, NUMBER, INTEGER -> {}
      case SECRET -> secret(schema);
      // What takes other text too must not be closed to it.
      case CHOICE ->
          option.choices().forEach(schema.putArray(option.open() ? "examples" : "enum")::add);
      case URL -> schema.put("format", "uri");
    }
    option
        .range()
        .ifPresent(range -> schema.put("minimum", range.least()).put("maximum", range.most()));
    if (isAlwaysRequired(option)) {
      schema.put("minLength", 1);
    }
    option.standard().ifPresent(value -> schema.set("default", json(option, value)));
    return schema;
  }

  /// The secret itself, or where it is.
  private static void secret(ObjectNode schema) {
    schema.putArray("type").add("string").add("object");
    schema.put("format", "password").put("writeOnly", true);
    ObjectNode members = schema.putObject("properties");
    members
        .putObject("env")
        .put("type", "string")
        .put("description", "An environment variable of the service that secrets.env lists.");
    members
        .putObject("file")
        .put("type", "string")
        .put("description", "The path of a file in the service's secrets.folder.");
    schema.put("minProperties", 1).put("maxProperties", 1).put("additionalProperties", false);
  }

  private static String type(Option option) {
    return switch (option.type()) {
      case TEXT, SECRET, CHOICE, URL -> "string";
      case NUMBER -> "number";
      case INTEGER -> "integer";
    };
  }

  private static JsonNode json(Option option, String value) {
    return option.type().isNumber()
        ? JsonNodeFactory.instance.numberNode(new BigDecimal(value))
        : JsonNodeFactory.instance.stringNode(value);
  }

  private static ObjectNode object(String title, String description) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("type", "object")
        .put("title", title)
        .put("description", description);
  }
}
