package dev.agentlab.wire;

import java.util.Optional;

/// A provider's own word, under status 200, that a call failed; or an answer that is none.
///
/// Its texts are the provider's, neither cleaned nor bounded: they may repeat a key.
public final class ProviderFault extends RuntimeException {
  private final transient ErrorLabels labels;
  private final boolean isNoMemory;

  /// @param type the provider's name for what went wrong, such as `overloaded_error`
  public ProviderFault(String message, Optional<String> type) {
    this(message, type.map(ErrorLabels::ofType).orElse(ErrorLabels.NONE));
  }

  ProviderFault(String message, ErrorLabels labels) {
    this(message, labels, false);
  }

  private ProviderFault(String message, ErrorLabels labels, boolean isNoMemory) {
    super(message, null, false, false);
    this.labels = labels;
    this.isNoMemory = isNoMemory;
  }

  /// The service has no memory left to read the answer. The provider did nothing wrong.
  static ProviderFault noMemory() {
    return new ProviderFault("the service has no memory left", ErrorLabels.NONE, true);
  }

  /// Whether only memory of the service is missing, and not the provider failed.
  public boolean isNoMemory() {
    return isNoMemory;
  }

  public Optional<String> type() {
    return labels.type();
  }

  public ErrorLabels labels() {
    return labels;
  }
}
