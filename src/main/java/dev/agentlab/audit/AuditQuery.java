package dev.agentlab.audit;

import dev.agentlab.errors.FieldErrors;
import dev.agentlab.json.Jsonb;
import java.time.Instant;
import java.util.Optional;

/// Which rows of the trail are wanted: those to which all that is given applies.
///
/// @param action exactly, as in `provider.created`
/// @param kind exactly, as in `provider`
/// @param resource the id of what was changed
/// @param caller the id of who changed it
/// @param from the earliest time
/// @param to the first time that is too late
public record AuditQuery(
    Optional<String> action,
    Optional<String> kind,
    Optional<String> resource,
    Optional<String> caller,
    Optional<Instant> from,
    Optional<Instant> to) {

  /// @throws dev.agentlab.errors.InvalidInputException if no row could match
  public AuditQuery {
    FieldErrors faults = new FieldErrors();
    action.ifPresent(text -> check("action", text, faults));
    kind.ifPresent(text -> check("kind", text, faults));
    resource.ifPresent(text -> check("resource", text, faults));
    caller.ifPresent(text -> check("caller", text, faults));
    if (from.isPresent() && to.isPresent() && !from.get().isBefore(to.get())) {
      faults.add("from", "must be before to");
    }
    faults.refuse();
  }

  private static void check(String field, String text, FieldErrors faults) {
    if (text.isEmpty()) {
      faults.add(field, "must not be empty; leave it out for all");
    }
    Jsonb.check(field, text, faults);
  }
}
