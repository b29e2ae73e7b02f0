package dev.agentlab.security;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/// All that a caller may do. Immutable.
public record Grants(Set<Grant> all) {

  /// To do nothing but what is open.
  public static final Grants NONE = new Grants(Set.of());

  /// To do everything.
  public static final Grants EVERYTHING =
      new Grants(
          Arrays.stream(Scope.values())
              .filter(Scope::isGranted)
              .map(Grant::of)
              .collect(Collectors.toSet()));

  public Grants {
    all = Set.copyOf(all);
  }

  public static Grants of(Collection<Grant> grants) {
    return new Grants(Set.copyOf(grants));
  }

  /// Whether they allow what a route needs.
  ///
  /// @param agent the one agent the call is about, if it is about one
  public boolean allow(Scope scope, Optional<UUID> agent) {
    if (!scope.isGranted()) {
      return true;
    }
    for (Grant grant : all) {
      if (grant.scope() == scope && (grant.agent().isEmpty() || grant.agent().equals(agent))) {
        return true;
      }
    }
    return false;
  }

  /// Whether they allow it for any one agent, if not for all.
  public boolean allowSome(Scope scope) {
    return all.stream().anyMatch(grant -> grant.scope() == scope);
  }

  /// Whether whoever has these may do all that the others allow.
  public boolean cover(Grants others) {
    return others.all.stream().allMatch(other -> all.stream().anyMatch(one -> one.covers(other)));
  }

  /// Their texts, in a fixed order.
  public List<String> texts() {
    return all.stream().map(Grant::toString).sorted().toList();
  }

  @Override
  public String toString() {
    return String.join(" ", texts());
  }
}
