package dev.agentlab.keys;

import dev.agentlab.audit.AuditEntry;
import dev.agentlab.audit.ResourceState;
import dev.agentlab.json.Json;
import java.util.List;

/// Creates the audit entries for changes of API keys. They contain the state that the API returns,
/// but neither the key nor a hash of it.
final class KeyAuditEntries {
  private KeyAuditEntries() {}

  static AuditEntry created(PostgresKeyRow key) {
    return AuditEntry.created(resource(key), state(key));
  }

  static AuditEntry rotated(PostgresKeyRow before, PostgresKeyRow after) {
    return AuditEntry.changed("rotated", resource(after), state(before), state(after));
  }

  static AuditEntry revoked(PostgresKeyRow before, PostgresKeyRow after) {
    return AuditEntry.changed("revoked", resource(after), state(before), state(after));
  }

  private static AuditEntry.Resource resource(PostgresKeyRow key) {
    return new AuditEntry.Resource("key", key.id().toString(), key.name());
  }

  /// Without the id, which the resource contains, and the last use, which is not a change of the
  /// key.
  private static ResourceState state(PostgresKeyRow key) {
    return ResourceState.of(
        Json.MAPPER.valueToTree(key.toApiKey()).asObject().without(List.of("id", "last_used_at")));
  }
}
