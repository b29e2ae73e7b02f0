package dev.agentlab.modelclient;

import dev.agentlab.dialects.ProviderErrorLabels;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.kinds.ErrorTextSanitizer;
import java.util.Optional;

/// The machine-readable error of a provider, without secrets.
///
/// @param status the HTTP status of the response
/// @param type the error type, such as `invalid_request_error`
/// @param code a more specific error code, such as `context_length_exceeded`
/// @param param the member of the request that caused the error
public record ProviderError(
    int status, Optional<String> type, Optional<String> code, Optional<String> param) {

  static ProviderError of(int status, ProviderErrorLabels labels, CallableProvider provider) {
    return new ProviderError(
        status,
        sanitize(labels.type(), provider),
        sanitize(labels.code(), provider),
        sanitize(labels.param(), provider));
  }

  static ProviderError of(int status) {
    return new ProviderError(status, Optional.empty(), Optional.empty(), Optional.empty());
  }

  private static Optional<String> sanitize(Optional<String> label, CallableProvider provider) {
    return label.map(it -> ErrorTextSanitizer.sanitize(it, provider)).filter(it -> !it.isEmpty());
  }
}
