package dev.agentlab.audit;

import dev.agentlab.json.Json;
import dev.agentlab.secrets.Secret;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.POJONode;

/// Puts `{"set": true, "hash": "…"}` in the place of each secret: one sees that it changed, never
/// what it is.
record HashedSecrets(AuditHashes hashes) {

  JsonNode in(JsonNode shown) {
    return switch (shown) {
      case ObjectNode object -> {
        ObjectNode hashed = JsonNodeFactory.instance.objectNode();
        object.forEachEntry((name, member) -> hashed.set(name, in(member)));
        yield hashed;
      }
      case ArrayNode array -> {
        ArrayNode hashed = JsonNodeFactory.instance.arrayNode();
        array.forEach(element -> hashed.add(in(element)));
        yield hashed;
      }
      case POJONode object when object.getPojo() instanceof Secret secret ->
          JsonNodeFactory.instance.objectNode().put("set", true).put("hash", hashes.of(secret));
      // What stands for a secret that is not in the open, as everyone may see it.
      case POJONode other -> Json.MAPPER.valueToTree(other.getPojo());
      default -> shown;
    };
  }
}
