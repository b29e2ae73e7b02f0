package dev.agentlab.audit;

import dev.agentlab.secrets.MacInput;
import dev.agentlab.security.Actor;
import dev.agentlab.security.Caller;
import java.time.Instant;
import java.util.Optional;

/// What a row of the trail says of a change, whether it is chained or not.
///
/// @param at to the microsecond
/// @param before as text; that of a chained row is what the database gives of its `jsonb`, as is
///   `after`
record RecordedChange(
    Instant at,
    String callerKind,
    String callerId,
    String callerName,
    Optional<String> address,
    Optional<String> requestId,
    String action,
    String kind,
    String resourceId,
    String resourceName,
    Optional<String> before,
    Optional<String> after) {

  /// One by the current actor.
  static RecordedChange of(
      AuditEntry entry, Instant at, Optional<String> before, Optional<String> after) {
    Actor actor = Actor.current();
    Caller caller = actor.caller();
    return new RecordedChange(
        at,
        caller.kind().toString(),
        caller.id(),
        caller.name(),
        actor.address(),
        actor.requestId(),
        entry.action(),
        entry.resource().kind(),
        entry.resource().id(),
        entry.resource().name(),
        before,
        after);
  }

  RecordedChange with(Optional<String> before, Optional<String> after) {
    return new RecordedChange(
        at,
        callerKind,
        callerId,
        callerName,
        address,
        requestId,
        action,
        kind,
        resourceId,
        resourceName,
        before,
        after);
  }

  /// Appends all of it.
  MacInput in(MacInput encoding) {
    return encoding
        .time(at)
        .text(callerKind)
        .text(callerId)
        .text(callerName)
        .optional(address, MacInput::text)
        .optional(requestId, MacInput::text)
        .text(action)
        .text(kind)
        .text(resourceId)
        .text(resourceName)
        .optional(before, MacInput::text)
        .optional(after, MacInput::text);
  }
}
