package dev.agentlab.wire;

import java.util.Optional;

/// A provider's own word, under status 200, that a call failed; or an answer that is none.
///
/// Its texts are the provider's, neither cleaned nor bounded: they may repeat a key.
public final class ProviderFault extends RuntimeException {
  private final Optional<String> type;

  /// @param type the provider's name for what went wrong, such as `overloaded_error`
  public ProviderFault(String message, Optional<String> type) {
    super(message, null, false, false);
    this.type = type;
  }

  public Optional<String> type() {
    return type;
  }
}
