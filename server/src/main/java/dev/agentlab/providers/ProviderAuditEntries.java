package dev.agentlab.providers;

import dev.agentlab.audit.AuditEntry;
import dev.agentlab.audit.ResourceState;
import dev.agentlab.kinds.ProviderConfig;
import tools.jackson.databind.node.JsonNodeFactory;

/// Creates the entries of the audit trail for changes of providers. Takes configurations with
/// plaintext secrets; the audit trail stores hashes of them.
final class ProviderAuditEntries {
  private ProviderAuditEntries() {}

  static AuditEntry created(Provider provider, ProviderConfig config) {
    return AuditEntry.created(resource(provider), state(provider, config));
  }

  static AuditEntry replaced(
      Provider before, ProviderConfig oldConfig, Provider after, ProviderConfig newConfig) {
    return AuditEntry.changed(
        "replaced", resource(after), state(before, oldConfig), state(after, newConfig));
  }

  static AuditEntry deleted(Provider provider, ProviderConfig config) {
    return AuditEntry.deleted(resource(provider), state(provider, config));
  }

  private static AuditEntry.Resource resource(Provider provider) {
    return new AuditEntry.Resource("provider", provider.id().toString(), provider.name());
  }

  private static ResourceState state(Provider provider, ProviderConfig config) {
    return hash ->
        JsonNodeFactory.instance
            .objectNode()
            .put("name", provider.name())
            .set("config", config.toMaskedJson(hash));
  }
}
