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
@JsonSerialize(using = RecordedState.AsIs.class)
public record RecordedState(String json) {

  static final class AsIs extends ValueSerializer<RecordedState> {
    @Override
    public void serialize(RecordedState state, JsonGenerator out, SerializationContext context) {
      out.writeRawValue(state.json());
    }
  }
}
