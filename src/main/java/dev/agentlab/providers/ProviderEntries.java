package dev.agentlab.providers;

import dev.agentlab.audit.Entry;
import dev.agentlab.llm.ProviderConfig;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// What the audit trail keeps of changes of providers. It is given each configuration with its
/// secrets in the open, and keeps hashes of them.
final class ProviderEntries {
  private ProviderEntries() {}

  static Entry created(Provider made, ProviderConfig config) {
    return Entry.created(resource(made), state(made, config));
  }

  static Entry replaced(Provider before, ProviderConfig was, Provider after, ProviderConfig is) {
    return Entry.changed("replaced", resource(after), state(before, was), state(after, is));
  }

  static Entry deleted(Provider gone, ProviderConfig config) {
    return Entry.deleted(resource(gone), state(gone, config));
  }

  private static Entry.Resource resource(Provider provider) {
    return new Entry.Resource("provider", provider.id().toString(), provider.name());
  }

  private static JsonNode state(Provider provider, ProviderConfig config) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("name", provider.name())
        .set("config", config.answer());
  }
}
