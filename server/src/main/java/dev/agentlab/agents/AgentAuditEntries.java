package dev.agentlab.agents;

import dev.agentlab.audit.AuditEntry;
import dev.agentlab.audit.ResourceState;
import dev.agentlab.kinds.ProviderKinds;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Creates the entries of the audit trail for changes of agents. Takes rows with plaintext secrets;
/// the audit trail stores hashes of them.
record AgentAuditEntries(ProviderKinds kinds) {

  AuditEntry created(AgentRow agent) {
    return AuditEntry.created(resource(agent), state(agent));
  }

  AuditEntry replaced(AgentRow before, AgentRow after) {
    return AuditEntry.changed("replaced", resource(after), state(before), state(after));
  }

  /// @param revision the restored revision
  AuditEntry restored(AgentRow before, AgentRow after, long revision) {
    return AuditEntry.changed(
        "restored",
        resource(after),
        state(before),
        hash -> ((ObjectNode) state(after).toJson(hash)).put("restored_revision", revision));
  }

  AuditEntry deleted(AgentRow agent) {
    return AuditEntry.deleted(resource(agent), state(agent));
  }

  private static AuditEntry.Resource resource(AgentRow agent) {
    return new AuditEntry.Resource("agent", agent.id().toString(), agent.name());
  }

  private ResourceState state(AgentRow agent) {
    return hash ->
        JsonNodeFactory.instance
            .objectNode()
            .put("name", agent.name())
            .put("revision", agent.version())
            .set("config", agent.config().toMaskedJson(kinds, hash));
  }
}
