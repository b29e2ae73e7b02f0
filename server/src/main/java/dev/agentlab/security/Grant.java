package dev.agentlab.security;

import java.util.UUID;

/// A scope that a caller has, and what it is restricted to: `invoke` can be restricted to an agent,
/// a route, a provider or models, `proxy` to a provider. The text form is the scope, as in
/// `providers:read`, followed by the restriction, as in `invoke:provider/openai`; [GrantableScopes]
/// parses it.
public record Grant(Scope scope, Restriction restriction) {
  static final String INVOKE_PREFIX = Scope.INVOKE + ":";
  static final String PROXY_PREFIX = Scope.PROXY + ":";
  static final String AGENT_PREFIX = INVOKE_PREFIX + "agent/";
  static final String ROUTE_PREFIX = INVOKE_PREFIX + "route/";
  static final String PROVIDER_PREFIX = INVOKE_PREFIX + "provider/";
  static final String MODEL_PREFIX = INVOKE_PREFIX + "model/";

  public Grant {
    if (!scope.isGrantable()) {
      throw new IllegalArgumentException("the scope " + scope + " cannot be granted");
    }
    boolean isPossible =
        switch (restriction) {
          case Restriction.None _ -> true;
          case Restriction.ToAgent _, Restriction.ToRoute _, Restriction.ToModels _ ->
              scope.equals(Scope.INVOKE);
          case Restriction.ToProvider _ -> scope.equals(Scope.INVOKE) || scope.equals(Scope.PROXY);
        };
    if (!isPossible) {
      throw new IllegalArgumentException(
          "the scope %s cannot have the restriction %s".formatted(scope, restriction));
    }
  }

  /// Creates an unrestricted grant of a scope.
  public static Grant of(Scope scope) {
    return new Grant(scope, new Restriction.None());
  }

  /// Creates a grant to run one agent.
  public static Grant invoke(UUID agent) {
    return new Grant(Scope.INVOKE, new Restriction.ToAgent(agent));
  }

  /// Whether this grant includes the other.
  boolean covers(Grant other) {
    return scope.equals(other.scope) && restriction.covers(other.restriction);
  }

  boolean allowsAgent(UUID agent) {
    return scope.equals(Scope.INVOKE)
        && switch (restriction) {
          case Restriction.None _ -> true;
          case Restriction.ToAgent(UUID id) -> id.equals(agent);
          case Restriction.ToRoute _, Restriction.ToProvider _, Restriction.ToModels _ -> false;
        };
  }

  boolean allowsSomeAgent() {
    return scope.equals(Scope.INVOKE)
        && switch (restriction) {
          case Restriction.None _, Restriction.ToAgent _ -> true;
          case Restriction.ToRoute _, Restriction.ToProvider _, Restriction.ToModels _ -> false;
        };
  }

  boolean allowsRoute(UUID route) {
    return scope.equals(Scope.INVOKE)
        && switch (restriction) {
          case Restriction.None _ -> true;
          case Restriction.ToRoute(UUID id) -> id.equals(route);
          case Restriction.ToAgent _, Restriction.ToProvider _, Restriction.ToModels _ -> false;
        };
  }

  boolean allowsModel(String provider, String model) {
    return scope.equals(Scope.INVOKE)
        && switch (restriction) {
          case Restriction.None _ -> true;
          case Restriction.ToAgent _, Restriction.ToRoute _ -> false;
          case Restriction.ToProvider(String name) -> name.equals(provider);
          case Restriction.ToModels(String name, ModelPattern models) ->
              name.equals(provider) && models.matches(model);
        };
  }

  boolean allowsProxy(String provider) {
    return scope.equals(Scope.PROXY)
        && (restriction instanceof Restriction.None
            || (restriction instanceof Restriction.ToProvider(String name)
                && name.equals(provider)));
  }

  @Override
  public String toString() {
    return switch (restriction) {
      case Restriction.None _ -> scope.text();
      case Restriction.ToAgent(UUID agent) -> INVOKE_PREFIX + agent;
      case Restriction.ToRoute(UUID route) -> ROUTE_PREFIX + route;
      case Restriction.ToProvider(String provider) ->
          (scope.equals(Scope.PROXY) ? PROXY_PREFIX : PROVIDER_PREFIX) + escape(provider);
      case Restriction.ToModels(String provider, ModelPattern models) ->
          MODEL_PREFIX + escape(provider) + "/" + models;
    };
  }

  /// Escapes what would end the name of a provider, and the escape character.
  private static String escape(String provider) {
    return provider.replace("%", "%25").replace("/", "%2F");
  }
}
