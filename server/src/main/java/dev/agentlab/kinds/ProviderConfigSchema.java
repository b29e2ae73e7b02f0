package dev.agentlab.kinds;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Generates the JSON Schema of a kind's configuration in requests. The keyword `x-used-with` lists
/// the values of another option with which an option is used, and `x-advanced` marks an option that
/// few configurations need; both are hints for forms and reject nothing.
final class ProviderConfigSchema {
  private final ProviderKind kind;
  private final Predicate<Option> requirable;
  private final Function<Option, ObjectNode> secret;

  private ProviderConfigSchema(
      ProviderKind kind, Predicate<Option> requirable, Function<Option, ObjectNode> secret) {
    this.kind = kind;
    this.requirable = requirable;
    this.secret = secret;
  }

  /// The schema of a new configuration. It is self-contained, so that a form can be built from it.
  static ObjectNode forNewConfig(ProviderKind kind) {
    return new ProviderConfigSchema(kind, _ -> true, ProviderConfigSchema::secret).schema();
  }

  /// The schema of both a new configuration and a replacement. No secret is required, because a
  /// replacement keeps each secret that it omits.
  ///
  /// @param secret the `$ref` of the schema of a secret
  static ObjectNode forRequest(ProviderKind kind, String secret) {
    ObjectNode schema =
        new ProviderConfigSchema(
                kind,
                option -> option.type() != Option.Type.SECRET,
                option ->
                    JsonNodeFactory.instance
                        .objectNode()
                        .put("$ref", secret)
                        .put("description", describeSecret(option)))
            .schema();
    // Client generators name types after titles, and require or send members with defaults.
    ObjectNode options = schema.withObject("/properties/options");
    for (ObjectNode object : List.of(schema, options)) {
      object.remove("title");
      object.get("properties").forEach(ProviderConfigSchema::describeDefault);
    }
    return schema;
  }

  private static void describeDefault(JsonNode member) {
    ObjectNode schema = (ObjectNode) member;
    JsonNode value = schema.remove("default");
    if (value != null) {
      schema.put(
          "description",
          "%s Default: %s".formatted(schema.path("description").asString(), value.asString()));
    }
  }

  private static String describeSecret(Option option) {
    return option.required() && option.usedWith().isEmpty()
        ? option.description() + " Required, except to keep the stored one."
        : option.description();
  }

  private ObjectNode schema() {
    ObjectNode schema = object(kind.title(), kind.description());
    ObjectNode members = schema.putObject("properties");
    members.putObject("name").put("type", "string").put("const", kind.name());
    members.set("base_url", option(kind.baseUrl()));
    members.set("options", options());
    ObjectNode model = members.putObject("model");
    model.putArray("type").add("object").add("null");
    model.put("additionalProperties", true);
    model.put("description", "Stored and returned but not used: each agent names its model.");
    ArrayNode requiredMembers = schema.putArray("required").add("name");
    if (kind.baseUrl().required()) {
      requiredMembers.add("base_url");
    }
    if (kind.options().stream().anyMatch(this::isAlwaysRequired)) {
      requiredMembers.add("options");
    }
    optionsByExemptUrl()
        .forEach((url, options) -> schema.withArray("allOf").add(requireUnlessAt(url, options)));
    return schema.put("additionalProperties", false);
  }

  private boolean isAlwaysRequired(Option option) {
    return requirable.test(option) && option.isAlwaysRequired();
  }

  private Map<String, List<Option>> optionsByExemptUrl() {
    return kind.options().stream()
        .filter(option ->
            requirable.test(option) && option.required() && option.exemptUrls().isPresent())
        .collect(Collectors.groupingBy(option -> option.exemptUrls().orElseThrow().pattern()));
  }

  /// Requires options unless `base_url` matches the pattern.
  private static ObjectNode requireUnlessAt(String urlPattern, List<Option> options) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    ObjectNode condition = schema.putObject("if");
    condition.putArray("required").add("base_url");
    condition.putObject("properties").putObject("base_url").put("pattern", urlPattern);
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

  private ObjectNode options() {
    ObjectNode options =
        object("Options", "The options of the kind. Other members are stored but not used.");
    ObjectNode members = options.putObject("properties");
    ArrayNode requiredMembers = options.putArray("required");
    for (Option option : kind.options()) {
      members.set(option.name(), option(option));
      if (isAlwaysRequired(option)) {
        requiredMembers.add(option.name());
      }
    }
    return options.put("additionalProperties", true);
  }

  private ObjectNode option(Option option) {
    ObjectNode schema =
        option.type() == Option.Type.SECRET ? secret.apply(option) : plaintext(option);
    if (option.advanced()) {
      schema.put("x-advanced", true);
    }
    option
        .usedWith()
        .ifPresent(use ->
            use.values().forEach(schema.putObject("x-used-with").putArray(use.option())::add));
    return schema;
  }

  private ObjectNode plaintext(Option option) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    schema.put("type", type(option)).put("description", option.description());
    switch (option.type()) {
      case TEXT, NUMBER, INTEGER, BOOLEAN, SECRET -> {}
      case LIST -> option.listLimits().ifPresent(limits -> limit(schema, limits));
      // An enum would reject the other values that an open choice accepts.
      case CHOICE ->
          option
              .choices()
              .forEach(schema.putArray(option.allowsOther() ? "examples" : "enum")::add);
      case URL -> schema.put("format", "uri");
    }
    option
        .range()
        .ifPresent(range -> schema.put("minimum", range.minimum()).put("maximum", range.maximum()));
    if (isAlwaysRequired(option)) {
      schema.put("minLength", 1);
    }
    option.defaultValue().ifPresent(value -> schema.set("default", json(option, value)));
    return schema;
  }

  private static void limit(ObjectNode schema, Option.ListLimits limits) {
    schema
        .putObject("items")
        .put("type", "string")
        .put("minLength", 1)
        .put("maxLength", limits.maxLength())
        .put("pattern", limits.pattern());
    schema.put("minItems", 1).put("maxItems", limits.maxElements());
  }

  /// The secret itself, or a reference to it.
  private static ObjectNode secret(Option option) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    schema.putArray("type").add("string").add("object");
    schema.put("description", option.description());
    schema.put("format", "password").put("writeOnly", true);
    ObjectNode members = schema.putObject("properties");
    members.set("env", text(SecretSchema.ENV));
    members.set("file", text(SecretSchema.FILE));
    schema.put("minProperties", 1).put("maxProperties", 1).put("additionalProperties", false);
    if (option.isAlwaysRequired()) {
      schema.put("minLength", 1);
    }
    return schema;
  }

  private static ObjectNode text(String description) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("type", "string")
        .put("description", description);
  }

  private static String type(Option option) {
    return switch (option.type()) {
      case TEXT, SECRET, CHOICE, URL -> "string";
      case NUMBER -> "number";
      case INTEGER -> "integer";
      case BOOLEAN -> "boolean";
      case LIST -> "array";
    };
  }

  private static JsonNode json(Option option, String value) {
    return switch (option.type()) {
      case NUMBER, INTEGER -> JsonNodeFactory.instance.numberNode(new BigDecimal(value));
      case BOOLEAN -> JsonNodeFactory.instance.booleanNode(Boolean.parseBoolean(value));
      case TEXT, SECRET, CHOICE, URL, LIST -> JsonNodeFactory.instance.stringNode(value);
    };
  }

  private static ObjectNode object(String title, String description) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("type", "object")
        .put("title", title)
        .put("description", description);
  }
}
