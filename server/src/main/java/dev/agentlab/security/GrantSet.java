package dev.agentlab.security;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// The grants of a caller. Immutable.
public record GrantSet(Set<Grant> all) {

  /// No grants: allows public routes only.
  public static final GrantSet NONE = new GrantSet(Set.of());

  public GrantSet {
    all = Set.copyOf(all);
  }

  public static GrantSet of(Collection<Grant> grants) {
    return new GrantSet(Set.copyOf(grants));
  }

  /// Whether the grants include the scope that a route requires.
  ///
  /// @param agent the agent of the request, if it has one
  public boolean allows(Scope scope, Optional<UUID> agent) {
    if (!scope.isGrantable()) {
      return true;
    }
    for (Grant grant : all) {
      if (grant.scope().equals(scope) && (grant.agent().isEmpty() || grant.agent().equals(agent))) {
        return true;
      }
    }
    return false;
  }

  /// Whether the grants include the scope for at least one agent.
  public boolean allowsForAnyAgent(Scope scope) {
    return all.stream().anyMatch(grant -> grant.scope().equals(scope));
  }

  /// Whether these grants include all the others.
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
