package dev.agentlab.security;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// The grants of a caller. Immutable. The checks neither block nor take long, so that they can run
/// on an event loop.
public record GrantSet(Set<Grant> all) {

  /// No grants: allows public routes only.
  public static final GrantSet NONE = new GrantSet(Set.of());

  public GrantSet {
    all = Set.copyOf(all);
  }

  public static GrantSet of(Collection<Grant> grants) {
    return new GrantSet(Set.copyOf(grants));
  }

  /// Whether the grants include a scope without a restriction. Always true for a scope that cannot
  /// be granted.
  public boolean allows(Scope scope) {
    if (!scope.isGrantable()) {
      return true;
    }
    for (Grant grant : all) {
      if (grant.scope().equals(scope) && grant.restriction() instanceof Restriction.None) {
        return true;
      }
    }
    return false;
  }

  /// Whether the grants include a scope, with any restriction or none. Always true for a scope that
  /// cannot be granted.
  public boolean allowsInPart(Scope scope) {
    if (!scope.isGrantable()) {
      return true;
    }
    for (Grant grant : all) {
      if (grant.scope().equals(scope)) {
        return true;
      }
    }
    return false;
  }

  /// Whether the caller may run an agent.
  public boolean allowsAgent(UUID agent) {
    for (Grant grant : all) {
      if (grant.allowsAgent(agent)) {
        return true;
      }
    }
    return false;
  }

  /// Whether there is an agent that the caller may run.
  public boolean allowsSomeAgent() {
    for (Grant grant : all) {
      if (grant.allowsSomeAgent()) {
        return true;
      }
    }
    return false;
  }

  /// Whether the caller may call a model route. A grant for the agents, providers or models of its
  /// targets does not permit that.
  public boolean allowsRoute(UUID route) {
    for (Grant grant : all) {
      if (grant.allowsRoute(route)) {
        return true;
      }
    }
    return false;
  }

  /// Whether the caller may call a model of a registered provider directly. A grant to run an agent
  /// or to call a route does not permit that.
  ///
  /// @param provider the name of the provider
  /// @param model the name of the model
  public boolean allowsModel(String provider, String model) {
    for (Grant grant : all) {
      if (grant.allowsModel(provider, model)) {
        return true;
      }
    }
    return false;
  }

  /// Whether the caller may use the raw API of a registered provider.
  ///
  /// @param provider the name of the provider
  public boolean allowsProxy(String provider) {
    for (Grant grant : all) {
      if (grant.allowsProxy(provider)) {
        return true;
      }
    }
    return false;
  }

  /// The agents to which grants are restricted.
  public Set<UUID> agents() {
    Set<UUID> ids = new HashSet<>();
    for (Grant grant : all) {
      if (grant.restriction() instanceof Restriction.ToAgent(UUID id)) {
        ids.add(id);
      }
    }
    return ids;
  }

  /// The model routes to which grants are restricted.
  public Set<UUID> routes() {
    Set<UUID> ids = new HashSet<>();
    for (Grant grant : all) {
      if (grant.restriction() instanceof Restriction.ToRoute(UUID id)) {
        ids.add(id);
      }
    }
    return ids;
  }

  /// Whether these grants include all the others, so that whatever the others allow, these allow
  /// too. Each of the others must be included in one of these: two grants that include it only
  /// together do not count.
  public boolean covers(GrantSet others) {
    return others.all.stream().allMatch(other -> all.stream().anyMatch(one -> one.covers(other)));
  }

  /// The text forms of the grants, sorted.
  public List<String> texts() {
    return all.stream().map(Grant::toString).sorted().toList();
  }

  @Override
  public String toString() {
    return String.join(" ", texts());
  }
}
