package dev.agentlab.audit;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// A change to be recorded: an action on a resource. The audit trail adds the actor.
///
/// @param action the kind of the resource and the change, as in `provider.created`
/// @param before the public state before the change. Each [dev.agentlab.secrets.Secret] in it is a
///   POJO node, which the audit trail replaces by a keyed hash. Empty if the resource did not exist
/// @param after the state after the change, in the same form; empty if the resource was deleted
public record AuditEntry(
    String action, Resource resource, Optional<JsonNode> before, Optional<JsonNode> after) {

  /// The resource that a change applies to.
  ///
  /// @param kind the kind of resource in one word: `provider`
  /// @param id the stable identifier, at most 200 characters
  /// @param name the display name after the change
  public record Resource(String kind, String id, String name) {}

  public static AuditEntry created(Resource resource, JsonNode after) {
    return of("created", resource, Optional.empty(), Optional.of(after));
  }

  /// A change of a resource that existed before and still exists.
  ///
  /// @param change the change, as in `replaced`
  public static AuditEntry changed(
      String change, Resource resource, JsonNode before, JsonNode after) {
    return of(change, resource, Optional.of(before), Optional.of(after));
  }

  public static AuditEntry deleted(Resource resource, JsonNode before) {
    return of("deleted", resource, Optional.of(before), Optional.empty());
  }

  /// An action that changes no state.
  public static AuditEntry done(String action, Resource resource) {
    return of(action, resource, Optional.empty(), Optional.empty());
  }

  private static AuditEntry of(
      String change, Resource resource, Optional<JsonNode> before, Optional<JsonNode> after) {
    return new AuditEntry(resource.kind() + "." + change, resource, before, after);
  }
}
