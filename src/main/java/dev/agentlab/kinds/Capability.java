package dev.agentlab.kinds;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.dialects.Operation;
import java.util.Locale;

/// What a model may be able to do.
public enum Capability {
  /// Converses.
  CHAT,
  /// Takes images beside text.
  VISION,
  /// Calls functions that the caller describes.
  TOOLS,
  /// Turns texts into vectors.
  EMBEDDINGS;

  /// The operation whose requests use it.
  public Operation operation() {
    return this == EMBEDDINGS ? Operation.EMBEDDINGS : Operation.CHAT;
  }

  @Override
  @JsonValue
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
