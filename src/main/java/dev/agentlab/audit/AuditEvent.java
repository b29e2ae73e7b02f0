package dev.agentlab.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.agentlab.json.Description;
import java.time.Instant;
import java.util.Optional;

/// A change as it was recorded, as whoever may read the trail sees it.
///
/// @param seq counts from 1 without a gap, in the order of the changes
/// @param at when it was recorded, just before it was committed
/// @param address empty for what the service did of itself, as is the request's id
/// @param before empty if it was not there
/// @param after empty if it is gone
/// @param previousHash of the row before
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record AuditEvent(
    @Description("Counts from 1 without a gap, in the order of the changes.") long seq,
    Instant at,
    @Description("key, token, service or anyone.") String callerKind,
    String callerId,
    String callerName,
    @Description("Where the request came from.") Optional<String> address,
    @Description("Under which the log knows the request.") Optional<String> requestId,
    @Description("What was done, as in provider.created.") String action,
    @Description("What it was done to, in one word.") String kind,
    String resourceId,
    @Description("Its name after the change.") String resourceName,
    Optional<AuditedState> before,
    Optional<AuditedState> after,
    @Description("The hash of the row before, hexadecimal.") AuditHash previousHash,
    @Description("HMAC-SHA256 of all of this, hexadecimal.") AuditHash hash) {

  static AuditEvent of(StoredAuditRow recorded) {
    AuditRow row = recorded.row();
    RecordedChange change = row.change();
    return new AuditEvent(
        row.seq(),
        change.at(),
        change.callerKind(),
        change.callerId(),
        change.callerName(),
        change.address(),
        change.requestId(),
        change.action(),
        change.kind(),
        change.resourceId(),
        change.resourceName(),
        change.before().map(AuditedState::new),
        change.after().map(AuditedState::new),
        row.previousHash(),
        recorded.hash());
  }
}
