package dev.agentlab.keys;

import dev.agentlab.audit.Entry;
import dev.agentlab.json.Json;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// What the audit trail keeps of changes of keys: what those see of a key who manage keys, which is
/// neither the key nor a hash of it.
final class KeyEntries {
  private KeyEntries() {}

  static Entry created(PostgresKeyRow made) {
    return Entry.created(resource(made), state(made));
  }

  static Entry rotated(PostgresKeyRow before, PostgresKeyRow after) {
    return Entry.changed("rotated", resource(after), state(before), state(after));
  }

  static Entry revoked(PostgresKeyRow before, PostgresKeyRow after) {
    return Entry.changed("revoked", resource(after), state(before), state(after));
  }

  private static Entry.Resource resource(PostgresKeyRow key) {
    return new Entry.Resource("key", key.id().toString(), key.name());
  }

  /// Without what the resource says, and without what no change of a key is about.
  private static JsonNode state(PostgresKeyRow key) {
    return Json.MAPPER.valueToTree(key.shown()).asObject().without(List.of("id", "last_used_at"));
  }
}
