package dev.agentlab.kinds;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The JSON Schema of a secret in a request: the secret itself, a reference to it, or `null` to
/// clear the stored one.
final class SecretSchema {
  static final String NAME = "SecretInput";
  static final String ENV =
      "The name of an environment variable of the service, listed in secrets.env.";
  static final String FILE = "The path of a file in the folder secrets.folder of the service.";

  private static final String FROM_ENVIRONMENT = "SecretFromEnvironment";
  private static final String FROM_FILE = "SecretFromFile";

  private SecretSchema() {}

  /// Adds the schema and the schemas that it references.
  ///
  /// @param definitions the `$defs` of a schema
  static void define(ObjectNode definitions) {
    ObjectNode secret = definitions.putObject(NAME);
    secret.put(
        "description",
        "The secret, a reference to it, or null to clear the stored one. A replacement that omits"
            + " it keeps the stored one.");
    ArrayNode choices = secret.putArray("oneOf");
    choices.addObject().put("type", "string").put("format", "password").put("writeOnly", true);
    choices.addObject().put("$ref", "#/$defs/" + FROM_ENVIRONMENT);
    choices.addObject().put("$ref", "#/$defs/" + FROM_FILE);
    choices.addObject().put("type", "null");
    definitions.set(FROM_ENVIRONMENT, reference("env", ENV));
    definitions.set(FROM_FILE, reference("file", FILE));
  }

  private static ObjectNode reference(String member, String description) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode().put("type", "object");
    schema
        .putObject("properties")
        .putObject(member)
        .put("type", "string")
        .put("description", description);
    schema.putArray("required").add(member);
    return schema.put("additionalProperties", false);
  }
}
