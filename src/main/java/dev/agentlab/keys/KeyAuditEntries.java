package dev.agentlab.keys;

import dev.agentlab.audit.AuditEntry;
import dev.agentlab.json.Json;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// What the audit trail keeps of changes of keys: what those see of a key who manage keys, which is
/// neither the key nor a hash of it.
final class KeyAuditEntries {
  private KeyAuditEntries() {}

  static AuditEntry created(KeyRow made) {
    return AuditEntry.created(resource(made), state(made));
  }

  static AuditEntry rotated(KeyRow before, KeyRow after) {
    return AuditEntry.changed("rotated", resource(after), state(before), state(after));
  }

  static AuditEntry revoked(KeyRow before, KeyRow after) {
    return AuditEntry.changed("revoked", resource(after), state(before), state(after));
  }

  private static AuditEntry.Resource resource(KeyRow key) {
    return new AuditEntry.Resource("key", key.id().toString(), key.name());
  }

  /// Without what the resource says, and without what no change of a key is about.
  private static JsonNode state(KeyRow key) {
    return Json.MAPPER.valueToTree(key.shown()).asObject().without(List.of("id", "last_used_at"));
  }
}
