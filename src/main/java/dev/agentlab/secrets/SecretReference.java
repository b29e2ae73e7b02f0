package dev.agentlab.secrets;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Where a secret is that is not kept here; it stands in the place of the secret. As JSON it is
/// what everyone may see: `{"set": true, "env": "NAME"}`.
public sealed interface SecretReference {

  /// In an environment variable of the service, given as `{"env": "NAME"}`.
  record Variable(String name) implements SecretReference {
    @Override
    public ObjectNode given() {
      return JsonNodeFactory.instance.objectNode().put("env", name);
    }
  }

  /// In a file, given as `{"file": "path"}`.
  ///
  /// @param path within the folder for such files, absolute or relative to it
  record File(String path) implements SecretReference {
    @Override
    public ObjectNode given() {
      return JsonNodeFactory.instance.objectNode().put("file", path);
    }
  }

  /// The reference that a caller gives in the place of a secret; empty if it is none.
  static Optional<SecretReference> of(JsonNode given) {
    if (!given.isObject() || given.size() != 1) {
      return Optional.empty();
    }
    return given
        .path("env")
        .stringValueOpt()
        .<SecretReference>map(Variable::new)
        .or(() -> given.path("file").stringValueOpt().map(File::new));
  }

  /// As a caller gives it, and as it is stored.
  ObjectNode given();

  @JsonValue
  default ObjectNode shown() {
    ObjectNode shown = JsonNodeFactory.instance.objectNode().put("set", true);
    shown.setAll(given());
    return shown;
  }
}
