package dev.agentlab.kinds;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The JSON Schema of a secret as a caller sends it: the secret itself, where it is, or `null`,
/// which clears the one stored.
final class SecretSchema {
  static final String NAME = "SecretInput";
  static final String ENV = "An environment variable of the service that secrets.env lists.";
  static final String FILE = "The path of a file in the service's secrets.folder.";

  private static final String FROM_ENVIRONMENT = "SecretFromEnvironment";
  private static final String FROM_FILE = "SecretFromFile";

  private SecretSchema() {}

  /// Adds the schema and those it refers to.
  ///
  /// @param definitions the `$defs` of a schema
  static void define(ObjectNode definitions) {
    ObjectNode secret = definitions.putObject(NAME);
    secret.put(
        "description",
        "The secret, where it is, or null to clear the one stored. A replacement that leaves it out"
            + " keeps the one stored.");
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
