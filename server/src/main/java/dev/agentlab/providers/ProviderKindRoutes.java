package dev.agentlab.providers;

import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.json.SchemaFrom;
import dev.agentlab.json.SchemaName;
import dev.agentlab.kinds.ProviderKind;
import dev.agentlab.kinds.ProviderKinds;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The HTTP routes of provider kinds, for clients that build configuration forms.
final class ProviderKindRoutes {

  /// A kind in a response.
  ///
  /// @param name the name in a configuration
  /// @param schema the JSON Schema (draft 2020-12) of a provider's `config`
  @SchemaName("ProviderKind")
  record KindResponse(
      String name,
      String title,
      String description,
      @SchemaFrom(ObjectNode.class) JsonNode schema) {
    static KindResponse of(ProviderKind kind) {
      return new KindResponse(kind.name(), kind.title(), kind.description(), kind.schema());
    }
  }

  /// All kinds.
  @SchemaName("ProviderKindList")
  record KindListResponse(List<KindResponse> data) {}

  private ProviderKindRoutes() {}

  /// The route group.
  static RouteGroup of(ProviderKinds kinds) {
    KindListResponse all =
        new KindListResponse(kinds.all().stream().map(KindResponse::of).toList());
    return new RouteGroup(
        "/api/provider-kinds",
        "Provider kinds",
        "The supported kinds of provider and their configuration.",
        List.of(
            Route.get("", "List provider kinds")
                .operation(
                    "listProviderKinds",
                    "Returns each kind with the JSON Schema of its configuration, from which a form"
                        + " can be built.")
                .requires(ProviderFeature.PROVIDERS_READ)
                .returns(200, KindListResponse.class)
                .handledBy(_ -> Response.ok(all))));
  }
}
