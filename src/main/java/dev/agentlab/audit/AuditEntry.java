package dev.agentlab.audit;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// One change, to be recorded: what was done to what. Who did it the trail knows by itself.
///
/// @param action the kind of what was changed and what was done to it, as in `provider.created`
/// @param before what it was as everyone may see it, each [dev.agentlab.secrets.Secret] in it a
///   node of its own, of which the trail keeps a keyed hash; empty if it was not there
/// @param after what it is, in the same way; empty if it is gone
public record AuditEntry(
    String action, Resource resource, Optional<JsonNode> before, Optional<JsonNode> after) {

  /// What a change is about.
  ///
  /// @param kind in one word: `provider`
  /// @param id what stays the same about it; at most 200 characters
  /// @param name for people, after the change
  public record Resource(String kind, String id, String name) {}

  public static AuditEntry created(Resource resource, JsonNode after) {
    return of("created", resource, Optional.empty(), Optional.of(after));
  }

  /// What was done to something that was there before and still is.
  ///
  /// @param done as in `replaced`
  public static AuditEntry changed(
      String done, Resource resource, JsonNode before, JsonNode after) {
    return of(done, resource, Optional.of(before), Optional.of(after));
  }

  public static AuditEntry deleted(Resource resource, JsonNode before) {
    return of("deleted", resource, Optional.of(before), Optional.empty());
  }

  /// Something done that shows in no state.
  public static AuditEntry done(String done, Resource resource) {
    return of(done, resource, Optional.empty(), Optional.empty());
  }

  private static AuditEntry of(
      String done, Resource resource, Optional<JsonNode> before, Optional<JsonNode> after) {
    return new AuditEntry(resource.kind() + "." + done, resource, before, after);
  }
}
