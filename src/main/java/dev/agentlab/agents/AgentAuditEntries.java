package dev.agentlab.agents;

import dev.agentlab.audit.AuditEntry;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Creates the audit entries for changes of agents. The agents passed in have plaintext secrets;
/// the audit trail stores hashes of them.
final class AgentAuditEntries {
  private AgentAuditEntries() {}

  static AuditEntry created(Agent agent) {
    return AuditEntry.created(resource(agent), state(agent));
  }

  static AuditEntry replaced(Agent before, Agent after) {
    return AuditEntry.changed("replaced", resource(after), state(before), state(after));
  }

  /// @param revision the restored revision
  static AuditEntry restored(Agent before, Agent after, long revision) {
    return AuditEntry.changed(
        "restored",
        resource(after),
        state(before),
        state(after).put("restored_revision", revision));
  }

  static AuditEntry deleted(Agent agent) {
    return AuditEntry.deleted(resource(agent), state(agent));
  }

  private static AuditEntry.Resource resource(Agent agent) {
    return new AuditEntry.Resource("agent", agent.id().toString(), agent.name());
  }

  private static ObjectNode state(Agent agent) {
    ObjectNode state = JsonNodeFactory.instance.objectNode();
    state.put("name", agent.name()).put("revision", agent.revision());
    state.set("config", agent.config().json());
    return state;
  }
}
