package dev.agentlab.dialects;

import java.util.Optional;

/// An error that a provider reports in a response with status 200, or a response that is not valid.
///
/// The message and the labels come from the provider and are neither sanitized nor bounded: they
/// may contain an API key.
public final class ProviderErrorException extends RuntimeException {
  private final transient ProviderErrorLabels labels;
  private final boolean isOutOfMemory;

  /// @param type the provider's error type, such as `overloaded_error`
  public ProviderErrorException(String message, Optional<String> type) {
    this(message, type.map(ProviderErrorLabels::ofType).orElse(ProviderErrorLabels.NONE));
  }

  ProviderErrorException(String message, ProviderErrorLabels labels) {
    this(message, labels, false);
  }

  private ProviderErrorException(
      String message, ProviderErrorLabels labels, boolean isOutOfMemory) {
    super(message, null, false, false);
    this.labels = labels;
    this.isOutOfMemory = isOutOfMemory;
  }

  /// Creates the error for a service without free memory to read the response. It is not an error
  /// of the provider.
  static ProviderErrorException outOfMemory() {
    return new ProviderErrorException(
        "the service is out of memory", ProviderErrorLabels.NONE, true);
  }

  /// Whether the service ran out of memory, as opposed to an error of the provider.
  public boolean isOutOfMemory() {
    return isOutOfMemory;
  }

  public Optional<String> type() {
    return labels.type();
  }

  public ProviderErrorLabels labels() {
    return labels;
  }
}
