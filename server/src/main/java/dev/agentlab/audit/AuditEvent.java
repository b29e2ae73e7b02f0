package dev.agentlab.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.agentlab.json.SchemaDescription;
import java.time.Instant;
import java.util.Optional;

/// A recorded change, as the API returns it.
///
/// @param seq the sequence number, from 1 without a gap, in the order of the changes
/// @param at the time of the record, just before the commit
/// @param address the client address; empty, as is the request id, for actions of the service
///   itself
/// @param before the state before the change; empty if the resource did not exist
/// @param after the state after the change; empty if the resource was deleted
/// @param previousHash the hash of the previous row
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record AuditEvent(
    @SchemaDescription("The sequence number, from 1 without a gap, in the order of the changes.")
        long seq,
    Instant at,
    @SchemaDescription("The kind of caller: key, token, service or anyone.") String callerKind,
    String callerId,
    String callerName,
    @SchemaDescription("The address of the client.") Optional<String> address,
    @SchemaDescription("The id of the request in the log.") Optional<String> requestId,
    @SchemaDescription("The action, as in provider.created.") String action,
    @SchemaDescription("The kind of resource, in one word.") String kind,
    String resourceId,
    @SchemaDescription("The name of the resource after the change.") String resourceName,
    Optional<RecordedState> before,
    Optional<RecordedState> after,
    @SchemaDescription("The hash of the previous row, hexadecimal.") AuditHash previousHash,
    @SchemaDescription("HMAC-SHA256 of all other members, hexadecimal.") AuditHash hash) {

  static AuditEvent of(StoredAuditRow stored) {
    AuditRow row = stored.row();
    HashedAuditFields change = row.change();
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
        change.before().map(RecordedState::new),
        change.after().map(RecordedState::new),
        row.previousHash(),
        stored.hash());
  }
}
