package dev.agentlab.cli;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Formats API keys as text, without their secrets.
final class KeyPrinter {
  private KeyPrinter() {}

  static Table table(JsonNode page, KeysApi keys) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode key : page.path("data")) {
      rows.add(
          List.of(
              key.path("name").asString(""),
              key.path("status").asString(""),
              keys.formatScopes(key),
              RelativeTime.format(key.path("expires_at").asString("never")),
              RelativeTime.format(key.path("last_used_at").asString("never")),
              key.path("id").asString("")));
    }
    return new Table(List.of("NAME", "STATUS", "SCOPES", "EXPIRES", "LAST USED", "ID"), rows);
  }

  static String text(JsonNode key, KeysApi keys) {
    List<List<String>> rows = new ArrayList<>();
    addPresent(rows, key, "id", "type", "prefix", "status");
    rows.add(List.of("scopes", keys.formatScopes(key)));
    addPresent(
        rows, key, "created_at", "expires_at", "last_used_at", "previous_expires_at", "revoked_at");
    return new Table(List.of("name", key.path("name").asString("")), rows).text();
  }

  private static void addPresent(List<List<String>> rows, JsonNode key, String... members) {
    for (String member : members) {
      String value = key.path(member).asString("");
      if (!value.isEmpty()) {
        rows.add(List.of(member, RelativeTime.truncateToSeconds(value)));
      }
    }
  }

  /// The expiry of a key as text.
  static String formatExpiry(JsonNode key) {
    String time = key.path("expires_at").asString("");
    return time.isEmpty() ? "never expires" : "expires " + RelativeTime.truncateToSeconds(time);
  }
}
