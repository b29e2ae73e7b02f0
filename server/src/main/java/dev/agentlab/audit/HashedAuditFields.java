package dev.agentlab.audit;

import dev.agentlab.secrets.MacInput;
import dev.agentlab.security.Actor;
import dev.agentlab.security.Caller;
import java.time.Instant;
import java.util.Optional;

/// The fields of a row of the audit trail that its hash covers, beside its place in the chain: what
/// was changed, by whom and when.
///
/// @param at the time, in microseconds
/// @param before the state before the change as text; for a chained row, like `after`, the text of
///   the `jsonb` column
record HashedAuditFields(
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

  /// Creates a change by the current actor.
  static HashedAuditFields of(
      AuditEntry entry, Instant at, Optional<String> before, Optional<String> after) {
    Actor actor = Actor.current();
    Caller caller = actor.caller();
    return new HashedAuditFields(
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

  HashedAuditFields withStates(Optional<String> before, Optional<String> after) {
    return new HashedAuditFields(
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

  /// Appends all components to an encoding.
  MacInput encode(MacInput encoding) {
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
