package dev.agentlab.modelclient;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Why a call moves to the next target of its plan. Each cause is a failure with which another
/// target may succeed; it is one only until the caller has received content.
public enum FallbackCause {
  /// No connection to the provider, or one that broke before the response had content.
  CONNECT("connect"),
  /// A timeout expired, that of the first content included.
  TIMEOUT("timeout"),
  /// The provider takes no calls until its rate limit is reset.
  RATE_LIMIT("429"),
  /// The provider answered with a status of 500 or more, or with a response that is not valid.
  SERVER_ERROR("5xx"),
  /// The circuit breaker of the target is open.
  OPEN_BREAKER("open_breaker"),
  /// The conversation is too long for the model.
  CONTEXT_LENGTH("context_length"),
  /// The provider rejected the credential, or its account has no credit.
  CREDENTIALS("credentials"),
  /// The provider has no such model.
  MODEL_NOT_FOUND("model_not_found"),
  /// The conversation has reasoning that only another credential can read. Always moves a call, so
  /// that the conversation finds its credential again.
  UNREADABLE_ITEMS("unreadable_items");

  /// Those that a configuration can name.
  public static final List<FallbackCause> CONFIGURABLE =
      Arrays.stream(values()).filter(it -> it != UNREADABLE_ITEMS).toList();

  private final String text;

  FallbackCause(String text) {
    this.text = text;
  }

  /// The name in configurations and records; never changes once released.
  public String text() {
    return text;
  }

  /// The cause with a name that a configuration can have; empty if there is none.
  public static Optional<FallbackCause> find(String text) {
    return CONFIGURABLE.stream().filter(it -> it.text.equals(text)).findFirst();
  }

  /// The names that a configuration can have.
  public static List<String> texts() {
    return CONFIGURABLE.stream().map(FallbackCause::text).toList();
  }
}
