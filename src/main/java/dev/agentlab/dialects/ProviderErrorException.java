package dev.agentlab.dialects;

import java.util.Optional;

/// A provider's own word, under status 200, that a call failed; or an answer that is none.
///
/// Its texts are the provider's, neither cleaned nor bounded: they may repeat a key.
public final class ProviderErrorException extends RuntimeException {
  private final transient ProviderErrorLabels labels;
  private final boolean isNoMemory;

  /// @param type the provider's name for what went wrong, such as `overloaded_error`
  public ProviderErrorException(String message, Optional<String> type) {
    this(message, type.map(ProviderErrorLabels::ofType).orElse(ProviderErrorLabels.NONE));
  }

  ProviderErrorException(String message, ProviderErrorLabels labels) {
    this(message, labels, false);
  }

  private ProviderErrorException(String message, ProviderErrorLabels labels, boolean isNoMemory) {
    super(message, null, false, false);
    this.labels = labels;
    this.isNoMemory = isNoMemory;
  }

  /// The service has no memory left to read the answer. The provider did nothing wrong.
  static ProviderErrorException noMemory() {
    return new ProviderErrorException(
        "the service has no memory left", ProviderErrorLabels.NONE, true);
  }

  /// Whether only memory of the service is missing, and not the provider failed.
  public boolean isNoMemory() {
    return isNoMemory;
  }

  public Optional<String> type() {
    return labels.type();
  }

  public ProviderErrorLabels labels() {
    return labels;
  }
}
