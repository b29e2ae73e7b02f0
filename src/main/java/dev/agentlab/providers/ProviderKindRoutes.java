package dev.agentlab.providers;

import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.json.SchemaFrom;
import dev.agentlab.json.SchemaName;
import dev.agentlab.kinds.ProviderKind;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.security.Scope;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The kinds of provider over HTTP, for whoever asks a person to configure one.
public final class ProviderKindRoutes {

  /// A kind as a form or a prompt needs it.
  ///
  /// @param name as it stands in a configuration
  /// @param schema the JSON Schema (draft 2020-12) of a provider's `config`
  @SchemaName("ProviderKind")
  record ShownKind(
      String name,
      String title,
      String description,
      @SchemaFrom(ObjectNode.class) JsonNode schema) {
    static ShownKind of(ProviderKind kind) {
      return new ShownKind(kind.name(), kind.title(), kind.description(), kind.schema());
    }
  }

  /// All kinds.
  @SchemaName("ProviderKindList")
  record ShownKinds(List<ShownKind> data) {}

  private ProviderKindRoutes() {}

  /// The group of the one route.
  public static RouteGroup of(ProviderKinds kinds) {
    ShownKinds all = new ShownKinds(kinds.all().stream().map(ShownKind::of).toList());
    return new RouteGroup(
        "/api/provider-kinds",
        "Provider kinds",
        "What kinds of provider there are, and how each is configured.",
        List.of(
            Route.get("", "List provider kinds")
                .operation(
                    "listProviderKinds",
                    "Each kind with the JSON Schema of its configuration, from which a form can be"
                        + " built.")
                .needs(Scope.PROVIDERS_READ)
                .gives(200, ShownKinds.class)
                .by(_ -> Response.ok(all))));
  }
}
