package dev.agentlab.routing;

import dev.agentlab.audit.AuditEntry;
import dev.agentlab.audit.ResourceState;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Creates the entries of the audit trail for changes of model routes.
final class ModelRouteAuditEntries {
  private ModelRouteAuditEntries() {}

  static AuditEntry created(ModelRouteRow route) {
    return AuditEntry.created(resource(route), state(route));
  }

  static AuditEntry replaced(ModelRouteRow before, ModelRouteRow after) {
    return AuditEntry.changed("replaced", resource(after), state(before), state(after));
  }

  /// @param revision the restored revision
  static AuditEntry restored(ModelRouteRow before, ModelRouteRow after, long revision) {
    return AuditEntry.changed(
        "restored",
        resource(after),
        state(before),
        hash -> ((ObjectNode) state(after).toJson(hash)).put("restored_revision", revision));
  }

  static AuditEntry deleted(ModelRouteRow route) {
    return AuditEntry.deleted(resource(route), state(route));
  }

  private static AuditEntry.Resource resource(ModelRouteRow route) {
    return new AuditEntry.Resource("route", route.id().toString(), route.name());
  }

  private static ResourceState state(ModelRouteRow route) {
    return _ ->
        JsonNodeFactory.instance
            .objectNode()
            .put("name", route.name())
            .put("revision", route.version())
            .set("config", route.config());
  }
}
