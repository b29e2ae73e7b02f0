package dev.agentlab.agents;

import dev.agentlab.audit.Entry;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What the audit trail keeps of changes of agents. It is given each with the secrets of its own
/// provider in the open, and keeps hashes of them.
final class AgentEntries {
  private AgentEntries() {}

  static Entry created(Agent made) {
    return Entry.created(resource(made), state(made));
  }

  static Entry replaced(Agent before, Agent after) {
    return Entry.changed("replaced", resource(after), state(before), state(after));
  }

  /// @param revision the one it was made again
  static Entry restored(Agent before, Agent after, long revision) {
    return Entry.changed(
        "restored",
        resource(after),
        state(before),
        state(after).put("restored_revision", revision));
  }

  static Entry deleted(Agent gone) {
    return Entry.deleted(resource(gone), state(gone));
  }

  private static Entry.Resource resource(Agent agent) {
    return new Entry.Resource("agent", agent.id().toString(), agent.name());
  }

  private static ObjectNode state(Agent agent) {
    ObjectNode state = JsonNodeFactory.instance.objectNode();
    state.put("name", agent.name()).put("revision", agent.revision());
    state.set("config", agent.config().json());
    return state;
  }
}
