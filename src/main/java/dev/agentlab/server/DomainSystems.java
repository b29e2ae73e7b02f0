package dev.agentlab.server;

import dev.agentlab.http.RouteGroup;
import dev.agentlab.providers.ProviderKindRoutes;
import dev.agentlab.providers.ProviderRoutes;
import dev.agentlab.providers.ProviderSchemas;
import dev.agentlab.providers.Providers;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// What answers requests: stateless, each over runtime systems and none over another.
record DomainSystems(Providers providers) {

  static DomainSystems over(RuntimeSystems runtime) {
    return new DomainSystems(Providers.in(runtime.database(), runtime.kinds(), runtime.pages()));
  }

  List<RouteGroup> routes(RuntimeSystems runtime) {
    return List.of(
        ProviderRoutes.of(providers, runtime.kinds(), runtime.probe(), runtime.models()),
        ProviderKindRoutes.of(runtime.kinds()));
  }

  /// The JSON Schemas that the API description cannot read from Java types.
  Map<Class<?>, JsonNode> schemas(RuntimeSystems runtime) {
    return ProviderSchemas.of(runtime.kinds());
  }
}
