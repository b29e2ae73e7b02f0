package dev.agentlab.modelclient;

import dev.agentlab.dialects.ProviderErrorException;
import dev.agentlab.dialects.ProviderErrorLabels;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.kinds.ErrorTextSanitizer;
import dev.agentlab.upstream.UpstreamResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The error of a provider, without secrets.
///
/// @param status the HTTP status of the response
/// @param message the message of the provider
/// @param type the error type, such as `invalid_request_error`
/// @param code a more specific error code, such as `context_length_exceeded`
/// @param param the member of the request that caused the error
/// @param shouldRetry whether the provider advises to retry; empty if it gives no advice
/// @param original the error as the provider sent it, if there is one
public record ProviderError(
    int status,
    Optional<String> message,
    Optional<String> type,
    Optional<String> code,
    Optional<String> param,
    Optional<Boolean> shouldRetry,
    Optional<Original> original) {

  /// An error as a provider sent it.
  ///
  /// @param vendor the vendor whose API the provider has, such as `openai`
  /// @param headers of the response, by name in lower case; empty for an error in a stream
  @SuppressWarnings("ArrayRecordComponent") // Instances are never compared.
  public record Original(String vendor, Map<String, String> headers, byte[] body) {
    public Original {
      headers = Map.copyOf(headers);
    }
  }

  /// The code with which OpenAI rejects a conversation that is too long.
  public static final String TOO_LONG_CODE = "context_length_exceeded";

  /// Parts of the messages with which other vendors reject one.
  private static final List<String> TOO_LONG =
      List.of(
          "prompt is too long",
          "input is too long",
          "exceeds the maximum number of tokens",
          "exceeds maximum length",
          "maximum context length",
          "maximum prompt length",
          "exceeds the context",
          "exceeds the available context size");

  /// Whether the provider rejects a conversation because it is too long.
  public boolean rejectsLength() {
    String text = message.orElse("").toLowerCase(Locale.ROOT);
    return code.filter(TOO_LONG_CODE::equals).isPresent()
        || TOO_LONG.stream().anyMatch(text::contains);
  }

  static ProviderError of(
      UpstreamResponse response,
      Optional<String> message,
      ProviderErrorLabels labels,
      CallableProvider provider) {
    Original original =
        new Original(
            provider.dialect().vendor(),
            response.headers(),
            ErrorTextSanitizer.withoutSecrets(response.bytes(), provider));
    return of(
        response.status(),
        message,
        labels,
        provider,
        RetryAdvice.shouldRetry(response),
        Optional.of(original));
  }

  /// An error in a response with status 200.
  static ProviderError of(ProviderErrorException error, String message, CallableProvider provider) {
    Optional<Original> original =
        error
            .original()
            .map(json ->
                new Original(
                    provider.dialect().vendor(),
                    Map.of(),
                    ErrorTextSanitizer.withoutSecrets(
                        json.getBytes(StandardCharsets.UTF_8), provider)));
    return of(200, Optional.of(message), error.labels(), provider, Optional.empty(), original);
  }

  private static ProviderError of(
      int status,
      Optional<String> message,
      ProviderErrorLabels labels,
      CallableProvider provider,
      Optional<Boolean> shouldRetry,
      Optional<Original> original) {
    return new ProviderError(
        status,
        message,
        sanitize(labels.type(), provider),
        sanitize(labels.code(), provider),
        sanitize(labels.param(), provider),
        shouldRetry,
        original);
  }

  static ProviderError of(int status) {
    return new ProviderError(
        status,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static Optional<String> sanitize(Optional<String> label, CallableProvider provider) {
    return label.map(it -> ErrorTextSanitizer.sanitize(it, provider)).filter(it -> !it.isEmpty());
  }
}
