package dev.agentlab.agents;

import dev.agentlab.audit.AuditEntry;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What the audit trail keeps of changes of agents. It is given each with the secrets of its own
/// provider in the open, and keeps hashes of them.
final class AgentAuditEntries {
  private AgentAuditEntries() {}

  static AuditEntry created(Agent made) {
    return AuditEntry.created(resource(made), state(made));
  }

  static AuditEntry replaced(Agent before, Agent after) {
    return AuditEntry.changed("replaced", resource(after), state(before), state(after));
  }

  /// @param revision the one it was made again
  static AuditEntry restored(Agent before, Agent after, long revision) {
    return AuditEntry.changed(
        "restored",
        resource(after),
        state(before),
        state(after).put("restored_revision", revision));
  }

  static AuditEntry deleted(Agent gone) {
    return AuditEntry.deleted(resource(gone), state(gone));
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
