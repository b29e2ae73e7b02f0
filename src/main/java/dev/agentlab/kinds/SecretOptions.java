package dev.agentlab.kinds;

import dev.agentlab.errors.Excerpt;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Finds what is likely a secret among the options of requests, which are kept as they are given.
/// Only text is: numbers such as `stop_token_ids` open nothing.
public final class SecretOptions {
  /// Members of a JSON Schema whose own members are named by whoever wrote it.
  private static final Set<String> NAMING =
      Set.of("properties", "patternProperties", "dependentSchemas", "$defs", "definitions");

  private SecretOptions() {}

  /// Where secrets likely stand.
  ///
  /// @param path where the options stand, as in `config.model.capabilities.chat`
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
