package dev.agentlab.kinds;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.dialects.Operation;
import java.util.Locale;

/// A capability that a model may have.
public enum Capability {
  /// Chat completions.
  CHAT,
  /// Images in chat messages.
  VISION,
  /// Calls of functions that the request defines.
  TOOLS,
  /// Embedding vectors of texts.
  EMBEDDINGS;

  /// The operation whose requests use this capability.
  public Operation operation() {
    return this == EMBEDDINGS ? Operation.EMBEDDINGS : Operation.CHAT;
  }

  @Override
  @JsonValue
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
