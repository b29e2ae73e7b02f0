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

/// The JSON Schema of a kind's configuration, as a caller sends it. An option with `x-used-with` is
/// used only with the listed values of another; that is for forms and forbids nothing.
final class ProviderConfigSchema {
  private final ProviderKind kind;
  private final Predicate<Option> required;
  private final Function<Option, ObjectNode> secret;

  private ProviderConfigSchema(
      ProviderKind kind, Predicate<Option> required, Function<Option, ObjectNode> secret) {
    this.kind = kind;
    this.required = required;
    this.secret = secret;
  }

  /// What a new configuration needs; the schema stands by itself, so that a form can be made of it.
  static ObjectNode form(ProviderKind kind) {
    return new ProviderConfigSchema(kind, Option::required, ProviderConfigSchema::secret).schema();
  }

  /// What a new configuration and a replacement have in common: a replacement keeps each secret
  /// that it leaves out, so none is required.
  ///
  /// @param secret the address of the schema of a secret
  static ObjectNode input(ProviderKind kind, String secret) {
    ObjectNode schema =
        new ProviderConfigSchema(
                kind,
                option -> option.required() && option.type() != Option.Type.SECRET,
                option ->
                    JsonNodeFactory.instance
                        .objectNode()
                        .put("$ref", secret)
                        .put("description", secretInput(option)))
            .schema();
    // Generated clients would name types after titles, and require or send what has a default.
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

  private static String secretInput(Option option) {
    return option.required()
        ? option.description() + " Required, except to keep the one stored."
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
    model.put("description", "Kept and shown; not used, for each agent names its model.");
    ArrayNode needed = schema.putArray("required").add("name");
    if (kind.baseUrl().required()) {
      needed.add("base_url");
    }
    if (kind.options().stream().anyMatch(this::isAlwaysRequired)) {
      needed.add("options");
    }
    exemptions().forEach((url, options) -> schema.withArray("allOf").add(unlessAt(url, options)));
    return schema.put("additionalProperties", false);
  }

  private boolean isAlwaysRequired(Option option) {
    return required.test(option) && option.exempt().isEmpty();
  }

  private Map<String, List<Option>> exemptions() {
    return kind.options().stream()
        .filter(option -> required.test(option) && option.exempt().isPresent())
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

  private ObjectNode options() {
    ObjectNode options =
        object("Options", "What this kind declares; other members are kept and not used.");
    ObjectNode members = options.putObject("properties");
    ArrayNode needed = options.putArray("required");
    for (Option option : kind.options()) {
      members.set(option.name(), option(option));
      if (isAlwaysRequired(option)) {
        needed.add(option.name());
      }
    }
    return options.put("additionalProperties", true);
  }

  private ObjectNode option(Option option) {
    ObjectNode schema = option.type() == Option.Type.SECRET ? secret.apply(option) : plain(option);
    option
        .usedWith()
        .ifPresent(use ->
            use.values().forEach(schema.putObject("x-used-with").putArray(use.option())::add));
    return schema;
  }

  private ObjectNode plain(Option option) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    schema.put("type", type(option)).put("description", option.description());
    switch (option.type()) {
      case TEXT, NUMBER, INTEGER, SECRET -> {}
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
  private static ObjectNode secret(Option option) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    schema.putArray("type").add("string").add("object");
    schema.put("description", option.description());
    schema.put("format", "password").put("writeOnly", true);
    ObjectNode members = schema.putObject("properties");
    members.set("env", text(SecretSchema.ENV));
    members.set("file", text(SecretSchema.FILE));
    schema.put("minProperties", 1).put("maxProperties", 1).put("additionalProperties", false);
    if (option.required() && option.exempt().isEmpty()) {
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
