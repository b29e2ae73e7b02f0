package dev.agentlab.secrets;

import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;

/// Serializes a secret as a flag and a hint, without the plaintext.
final class SecretSerializer extends ValueSerializer<Secret> {
  @Override
  public void serialize(Secret secret, JsonGenerator out, SerializationContext context) {
    out.writeStartObject();
    out.writeBooleanProperty("set", true);
    out.writeStringProperty("hint", secret.hint());
    out.writeEndObject();
  }
}
