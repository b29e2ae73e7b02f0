package dev.agentlab.audit;

import java.util.Optional;

/// A change to be recorded: an action on a resource. The audit trail adds the actor.
///
/// @param action the kind of the resource and the change, as in `provider.created`
/// @param before the state before the change; empty if the resource did not exist
/// @param after the state after the change; empty if the resource was deleted
public record AuditEntry(
    String action,
    Resource resource,
    Optional<ResourceState> before,
    Optional<ResourceState> after) {

  /// The resource that a change applies to.
  ///
  /// @param kind the kind of resource in one word: `provider`
  /// @param id the stable identifier, at most 200 characters
  /// @param name the display name after the change
  public record Resource(String kind, String id, String name) {}

  public static AuditEntry created(Resource resource, ResourceState after) {
    return of("created", resource, Optional.empty(), Optional.of(after));
  }

  /// A change of a resource that existed before and still exists.
  ///
  /// @param change the change, as in `replaced`
  public static AuditEntry changed(
      String change, Resource resource, ResourceState before, ResourceState after) {
    return of(change, resource, Optional.of(before), Optional.of(after));
  }

  public static AuditEntry deleted(Resource resource, ResourceState before) {
    return of("deleted", resource, Optional.of(before), Optional.empty());
  }

  /// An action that changes no state.
  public static AuditEntry done(String action, Resource resource) {
    return of(action, resource, Optional.empty(), Optional.empty());
  }

  private static AuditEntry of(
      String change,
      Resource resource,
      Optional<ResourceState> before,
      Optional<ResourceState> after) {
    return new AuditEntry(resource.kind() + "." + change, resource, before, after);
  }
}
