package dev.agentlab.audit;

import dev.agentlab.json.SchemaName;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.annotation.JsonSerialize;

/// What something was before or after a change: JSON as the database gives it, passed on unread,
/// for it may be deeper than what callers may send.
///
/// @param json each secret in it is `{"set": true, "hash": "…"}`
@SchemaName("AuditedState")
@JsonSerialize(using = AuditedState.AsIs.class)
public record AuditedState(String json) {

  static final class AsIs extends ValueSerializer<AuditedState> {
    @Override
    public void serialize(AuditedState state, JsonGenerator out, SerializationContext context) {
      out.writeRawValue(state.json());
    }
  }
}
