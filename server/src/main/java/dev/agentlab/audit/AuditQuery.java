package dev.agentlab.audit;

import dev.agentlab.errors.FieldErrors;
import dev.agentlab.json.JsonbValidator;
import java.time.Instant;
import java.util.Optional;

/// A filter for rows of the audit trail. A row must match every given condition.
///
/// @param action the exact action, as in `provider.created`
/// @param kind the exact kind of resource, as in `provider`
/// @param resource the id of the resource
/// @param caller the id of the caller
/// @param from the earliest time, inclusive
/// @param to the latest time, exclusive
public record AuditQuery(
    Optional<String> action,
    Optional<String> kind,
    Optional<String> resource,
    Optional<String> caller,
    Optional<Instant> from,
    Optional<Instant> to) {

  /// @throws dev.agentlab.errors.InvalidInputException if no row could match
  public AuditQuery {
    FieldErrors errors = new FieldErrors();
    action.ifPresent(text -> check("action", text, errors));
    kind.ifPresent(text -> check("kind", text, errors));
    resource.ifPresent(text -> check("resource", text, errors));
    caller.ifPresent(text -> check("caller", text, errors));
    if (from.isPresent() && to.isPresent() && !from.get().isBefore(to.get())) {
      errors.add("from", "must be before to (%s), was %s".formatted(to.get(), from.get()));
    }
    errors.throwIfAny();
  }

  private static void check(String field, String text, FieldErrors errors) {
    if (text.isEmpty()) {
      errors.add(field, "must not be empty; omit it to match all");
    }
    JsonbValidator.validate(field, text, errors);
  }
}
