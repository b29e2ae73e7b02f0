package dev.agentlab.secrets;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A reference to a secret that is stored outside the service, in place of the secret. Its JSON
/// form contains no secret: `{"set": true, "env": "NAME"}`.
public sealed interface SecretReference {

  /// A reference to an environment variable of the service, `{"env": "NAME"}` in a request.
  record Variable(String name) implements SecretReference {
    @Override
    public ObjectNode toJson() {
      return JsonNodeFactory.instance.objectNode().put("env", name);
    }
  }

  /// A reference to a file, `{"file": "path"}` in a request.
  ///
  /// @param path in the configured secrets directory, absolute or relative to it
  record File(String path) implements SecretReference {
    @Override
    public ObjectNode toJson() {
      return JsonNodeFactory.instance.objectNode().put("file", path);
    }
  }

  /// Parses the reference that a request has in place of a secret; empty if it is not a reference.
  static Optional<SecretReference> parse(JsonNode json) {
    if (!json.isObject() || json.size() != 1) {
      return Optional.empty();
    }
    return json.path("env")
        .stringValueOpt()
        .<SecretReference>map(Variable::new)
        .or(() -> json.path("file").stringValueOpt().map(File::new));
  }

  /// The JSON form in requests and in the database.
  ObjectNode toJson();

  /// The JSON form in responses.
  @JsonValue
  default ObjectNode toMaskedJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("set", true);
    json.setAll(toJson());
    return json;
  }
}
