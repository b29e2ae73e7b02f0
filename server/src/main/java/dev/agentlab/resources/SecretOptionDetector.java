package dev.agentlab.resources;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.secrets.SecretNameHeuristic;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Finds likely secrets in the request options of an agent, which are stored unencrypted. Only
/// strings count: numbers such as `stop_token_ids` are not secrets.
final class SecretOptionDetector {
  /// Keywords of JSON Schema whose member names are chosen by the author of the schema.
  private static final Set<String> NAME_MAP_KEYWORDS =
      Set.of("properties", "patternProperties", "dependentSchemas", "$defs", "definitions");

  private SecretOptionDetector() {}

  /// The paths of likely secrets.
  ///
  /// @param path the path of the options, such as `config.model.capabilities.chat`
  static List<String> find(String path, ObjectNode options) {
    List<String> found = new ArrayList<>();
    collect(path, options, false, found);
    return found;
  }

  private static void collect(String path, JsonNode value, boolean secret, List<String> found) {
    switch (value) {
      case ObjectNode object ->
          object.forEachEntry((name, member) -> {
            String place = path + "." + Excerpt.of(name);
            if (NAME_MAP_KEYWORDS.contains(name) && member.isObject() && !secret) {
              member.forEachEntry(
                  (own, schema) -> collect(place + "." + Excerpt.of(own), schema, false, found));
            } else {
              collect(place, member, secret || SecretNameHeuristic.suggestsSecret(name), found);
            }
          });
      case ArrayNode array -> {
        for (int i = 0; i < array.size(); i++) {
          collect("%s[%d]".formatted(path, i), array.get(i), secret, found);
        }
      }
      default -> {
        if (secret && !value.stringValue("").isEmpty()) {
          found.add(path);
        }
      }
    }
  }
}
