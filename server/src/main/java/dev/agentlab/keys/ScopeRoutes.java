package dev.agentlab.keys;

import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaName;
import dev.agentlab.security.GrantableScopes;
import dev.agentlab.security.Scope;
import java.util.List;

/// The HTTP route of the scopes that a key can have.
final class ScopeRoutes {
  private ScopeRoutes() {}

  /// All scopes.
  @SchemaName("ScopeList")
  record ScopeList(List<ScopeInfo> data) {
    ScopeList {
      data = List.copyOf(data);
    }
  }

  /// One scope.
  @SchemaName("ScopeInfo")
  record ScopeInfo(
      String scope,
      @SchemaDescription("What the scope allows, as in: it allows `reading providers`.")
          String description,
      @SchemaDescription("The restricted forms in which the scope can be granted as well.")
          List<RestrictedScope> restrictions) {
    ScopeInfo {
      restrictions = List.copyOf(restrictions);
    }

    static ScopeInfo of(Scope scope) {
      return new ScopeInfo(
          scope.text(),
          scope.description(),
          scope.restrictions().stream()
              .map(it -> new RestrictedScope(it.text(), it.description()))
              .toList());
    }
  }

  /// A restricted form of a scope.
  @SchemaName("RestrictedScope")
  record RestrictedScope(
      @SchemaDescription(
              "The form, with placeholders in angle brackets: `invoke:agent/<agent name or id>`.")
          String form,
      String description) {}

  /// Creates the route group.
  static RouteGroup of(GrantableScopes scopes) {
    ScopeList list = new ScopeList(scopes.all().stream().map(ScopeInfo::of).toList());
    return new RouteGroup(
        "/api/scopes",
        "Scopes",
        "The scopes that a key can have.",
        List.of(
            Route.get("", "List the scopes")
                .operation(
                    "listScopes",
                    "All scopes that can be granted, with their meaning and the forms in which they"
                        + " can be restricted.")
                .requires(Scope.AUTHENTICATED)
                .returns(200, ScopeList.class)
                .handledBy(_ -> Response.ok(list))));
  }
}
