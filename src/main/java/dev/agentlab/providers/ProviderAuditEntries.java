package dev.agentlab.providers;

import dev.agentlab.audit.AuditEntry;
import dev.agentlab.kinds.ProviderConfig;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// What the audit trail keeps of changes of providers. It is given each configuration with its
/// secrets in the open, and keeps hashes of them.
final class ProviderAuditEntries {
  private ProviderAuditEntries() {}

  static AuditEntry created(Provider made, ProviderConfig config) {
    return AuditEntry.created(resource(made), state(made, config));
  }

  static AuditEntry replaced(
      Provider before, ProviderConfig was, Provider after, ProviderConfig is) {
    return AuditEntry.changed("replaced", resource(after), state(before, was), state(after, is));
  }

  static AuditEntry deleted(Provider gone, ProviderConfig config) {
    return AuditEntry.deleted(resource(gone), state(gone, config));
  }

  private static AuditEntry.Resource resource(Provider provider) {
    return new AuditEntry.Resource("provider", provider.id().toString(), provider.name());
  }

  private static JsonNode state(Provider provider, ProviderConfig config) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("name", provider.name())
        .set("config", config.answer());
  }
}
