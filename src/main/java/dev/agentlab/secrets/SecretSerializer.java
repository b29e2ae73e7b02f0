package dev.agentlab.secrets;

import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;

/// Writes that a secret is set, never the secret.
final class SecretSerializer extends ValueSerializer<Secret> {
  @Override
  public void serialize(Secret secret, JsonGenerator out, SerializationContext context) {
    out.writeStartObject();
    out.writeBooleanProperty("set", true);
    out.writeStringProperty("hint", secret.hint());
    out.writeEndObject();
  }
}
