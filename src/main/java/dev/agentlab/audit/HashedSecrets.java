package dev.agentlab.audit;

import dev.agentlab.json.Json;
import dev.agentlab.secrets.Secret;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.POJONode;

/// Replaces each secret in a state by `{"set": true, "hash": "…"}`, which shows whether the secret
/// changed but not its value.
record HashedSecrets(AuditHasher hashes) {

  JsonNode hashSecrets(JsonNode state) {
    return switch (state) {
      case ObjectNode object -> {
        ObjectNode hashed = JsonNodeFactory.instance.objectNode();
        object.forEachEntry((name, member) -> hashed.set(name, hashSecrets(member)));
        yield hashed;
      }
      case ArrayNode array -> {
        ArrayNode hashed = JsonNodeFactory.instance.arrayNode();
        array.forEach(element -> hashed.add(hashSecrets(element)));
        yield hashed;
      }
      case POJONode object when object.getPojo() instanceof Secret secret ->
          JsonNodeFactory.instance.objectNode().put("set", true).put("hash", hashes.of(secret));
      // A reference to a secret, which is public.
      case POJONode other -> Json.MAPPER.valueToTree(other.getPojo());
      default -> state;
    };
  }
}
