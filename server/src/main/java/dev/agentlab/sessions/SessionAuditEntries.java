package dev.agentlab.sessions;

import dev.agentlab.audit.AuditEntry;
import dev.agentlab.audit.ResourceState;
import dev.agentlab.json.Json;
import dev.agentlab.security.Caller;
import java.time.Instant;
import java.util.UUID;

/// Creates the audit entries for sessions and sign-in links, which contain no token and no hash of
/// one.
final class SessionAuditEntries {
  private SessionAuditEntries() {}

  static AuditEntry started(UUID id, Caller owner, Instant expiresAt) {
    return AuditEntry.created(session(id, owner), state(owner, expiresAt));
  }

  static AuditEntry ended(UUID id, Caller owner, Instant expiresAt) {
    return AuditEntry.deleted(session(id, owner), state(owner, expiresAt));
  }

  static AuditEntry linkCreated(UUID id, Caller owner, Instant expiresAt) {
    return AuditEntry.created(
        new AuditEntry.Resource("link", id.toString(), owner.name()), state(owner, expiresAt));
  }

  private static AuditEntry.Resource session(UUID id, Caller owner) {
    return new AuditEntry.Resource("session", id.toString(), owner.name());
  }

  private static ResourceState state(Caller owner, Instant expiresAt) {
    return ResourceState.of(
        Json.MAPPER
            .createObjectNode()
            .put("caller_kind", owner.kind().toString())
            .put("caller_id", owner.id())
            .put("expires_at", expiresAt.toString()));
  }
}
