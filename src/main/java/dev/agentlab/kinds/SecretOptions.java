package dev.agentlab.kinds;

import dev.agentlab.errors.Excerpt;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Finds likely secrets in the request options of an agent, which are stored unencrypted. Only
/// strings count: numbers such as `stop_token_ids` are not secrets.
public final class SecretOptions {
  /// Keywords of JSON Schema whose member names are chosen by the author of the schema.
  private static final Set<String> NAMING =
      Set.of("properties", "patternProperties", "dependentSchemas", "$defs", "definitions");

  private SecretOptions() {}

  /// The paths of likely secrets.
  ///
  /// @param path the path of the options, such as `config.model.capabilities.chat`
  public static List<String> in(String path, ObjectNode options) {
    List<String> found = new ArrayList<>();
    look(path, options, false, found);
    return found;
  }

  private static void look(String path, JsonNode value, boolean secret, List<String> found) {
    switch (value) {
      case ObjectNode object ->
          object.forEachEntry((name, member) -> {
            String place = path + "." + Excerpt.of(name);
            if (NAMING.contains(name) && member.isObject() && !secret) {
              member.forEachEntry(
                  (own, schema) -> look(place + "." + Excerpt.of(own), schema, false, found));
            } else {
              look(place, member, secret || SecretNames.suggests(name), found);
            }
          });
      case ArrayNode array -> {
        for (int i = 0; i < array.size(); i++) {
          look("%s[%d]".formatted(path, i), array.get(i), secret, found);
        }
      }
      default -> {
        if (secret && value.isString() && SecretMasking.isSet(value)) {
          found.add(path);
        }
      }
    }
  }
}
