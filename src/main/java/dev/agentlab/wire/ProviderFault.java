package dev.agentlab.wire;

import java.util.Optional;

/// A provider's own word, under status 200, that a call failed; or an answer that is none.
///
/// Its texts are the provider's, neither cleaned nor bounded: they may repeat a key.
public final class ProviderFault extends RuntimeException {
  private final transient ErrorLabels labels;

  /// @param type the provider's name for what went wrong, such as `overloaded_error`
  public ProviderFault(String message, Optional<String> type) {
    this(message, type.map(ErrorLabels::ofType).orElse(ErrorLabels.NONE));
  }

  ProviderFault(String message, ErrorLabels labels) {
    super(message, null, false, false);
    this.labels = labels;
  }

  public Optional<String> type() {
    return labels.type();
  }

  public ErrorLabels labels() {
    return labels;
  }
}
