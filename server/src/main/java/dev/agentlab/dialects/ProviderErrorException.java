package dev.agentlab.dialects;

import dev.agentlab.conversation.StreamEvent;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// An error that a provider reports in a response with status 200, or a response that is not valid.
///
/// The message and the labels come from the provider and are neither sanitized nor bounded: they
/// may contain an API key.
public final class ProviderErrorException extends RuntimeException {
  private final transient ProviderErrorLabels labels;
  private final boolean isOutOfMemory;

  /// The JSON of the error as the provider sent it, if known.
  private final transient Optional<String> original;

  /// @param type the provider's error type, such as `overloaded_error`
  public ProviderErrorException(String message, Optional<String> type) {
    this(message, type.map(ProviderErrorLabels::ofType).orElse(ProviderErrorLabels.NONE));
  }

  ProviderErrorException(String message, ProviderErrorLabels labels) {
    this(message, labels, false, Optional.empty());
  }

  private ProviderErrorException(
      String message,
      ProviderErrorLabels labels,
      boolean isOutOfMemory,
      Optional<String> original) {
    super(message, null, false, false);
    this.labels = labels;
    this.isOutOfMemory = isOutOfMemory;
    this.original = original;
  }

  /// Creates the error for a service without free memory to read the response. It is not an error
  /// of the provider.
  static ProviderErrorException outOfMemory() {
    return new ProviderErrorException(
        "the service is out of memory", ProviderErrorLabels.NONE, true, Optional.empty());
  }

  /// Finds the error object of a response: a member `error`, as in most APIs, or vLLM's `"object":
  /// "error"`.
  static Optional<ProviderErrorException> find(JsonNode json) {
    JsonNode body = ProviderErrorLabels.unwrapArray(json);
    JsonNode error = body.path("error");
    if (error.isObject() || error.isString()) {
      String message = error.path("message").stringValue(error.stringValue(""));
      return Optional.of(
          new ProviderErrorException(
              message.isEmpty() ? "unknown error" : message, ProviderErrorLabels.of(body)));
    }
    return body.path("object").stringValue("").equals("error")
        ? Optional.of(
            new ProviderErrorException(
                body.path("message").stringValue("unknown error"), ProviderErrorLabels.of(body)))
        : Optional.empty();
  }

  /// Creates the error for a stream event that is not valid JSON.
  static ProviderErrorException invalidJson() {
    return new ProviderErrorException("a stream event is not valid JSON", Optional.empty());
  }

  /// The event that ends a stream with this error.
  ///
  /// @throws ProviderErrorException if the service is out of memory, which is not an event of the
  ///   provider
  StreamEvent.ResponseFailed toEvent() {
    if (isOutOfMemory) {
      throw this;
    }
    return new StreamEvent.ResponseFailed(
        String.valueOf(getMessage()), labels.type(), labels.code(), labels.param());
  }

  static ProviderErrorException of(StreamEvent.ResponseFailed event) {
    return new ProviderErrorException(
        event.message(), new ProviderErrorLabels(event.type(), event.code(), event.param()));
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

  /// A copy with the JSON of the error as the provider sent it.
  ProviderErrorException withOriginal(String json) {
    return new ProviderErrorException(
        String.valueOf(getMessage()), labels, isOutOfMemory, Optional.of(json));
  }

  /// The JSON of the error as the provider sent it, in the dialect of the client; empty if the
  /// provider speaks another one.
  public Optional<String> original() {
    return original;
  }
}
