package dev.agentlab.audit;

import dev.agentlab.json.SchemaName;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.annotation.JsonSerialize;

/// The state of a resource before or after a change: JSON from the database, which is not parsed,
/// because it may be deeper than the JSON that the API accepts.
///
/// @param json the state, in which each secret is `{"set": true, "hash": "…"}`
@SchemaName("AuditedState")
@JsonSerialize(using = RecordedState.RawJsonSerializer.class)
public record RecordedState(String json) {

  static final class RawJsonSerializer extends ValueSerializer<RecordedState> {
    @Override
    public void serialize(RecordedState state, JsonGenerator out, SerializationContext context) {
      out.writeRawValue(state.json());
    }
  }
}
