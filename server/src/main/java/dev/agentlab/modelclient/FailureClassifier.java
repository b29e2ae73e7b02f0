package dev.agentlab.modelclient;

import dev.agentlab.dialects.ProviderErrorException;
import dev.agentlab.dialects.ProviderErrorLabels;
import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.kinds.ErrorTextSanitizer;
import dev.agentlab.modelclient.CallFailure.Effect;
import dev.agentlab.modelclient.ModelCallException.Kind;
import dev.agentlab.upstream.EgressDenial;
import dev.agentlab.upstream.UpstreamException;
import dev.agentlab.upstream.UpstreamResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// Decides which failures are retried, which may succeed on another target, and which count against
/// the provider.
final class FailureClassifier {
  private static final int TOO_MANY_REQUESTS = 429;

  /// Statuses of transient failures. Anthropic uses 529 like 503.
  private static final Set<Integer> TRANSIENT_STATUSES =
      Set.of(TOO_MANY_REQUESTS, 502, 503, 504, 529);

  /// Statuses below 500 with which another target may succeed: the credential is rejected or has no
  /// quota left, or the provider has no such model.
  private static final Set<Integer> TARGET_STATUSES =
      Set.of(401, 402, 403, 404, 408, TOO_MANY_REQUESTS);

  /// Types of errors of Anthropic, Gemini and Bedrock, and codes of errors of OpenAI, for an
  /// overload that is reported with status 200.
  private static final Set<String> OVERLOAD_LABELS =
      Set.of(
          "overloaded_error",
          "RESOURCE_EXHAUSTED",
          "UNAVAILABLE",
          "serviceUnavailableException",
          "throttlingException",
          "rate_limit_exceeded",
          "server_is_overloaded",
          "slow_down");

  /// Suggested delay until memory is available again.
  private static final Duration OVERLOAD_RETRY_AFTER = Duration.ofSeconds(1);

  private FailureClassifier() {}

  /// A target whose circuit breaker is open.
  static CallFailure of(CircuitBreaker.Rejection rejection) {
    return new CallFailure(
        Kind.SUSPENDED,
        "provider circuit breaker is open since %s until %s; last cause: %s"
            .formatted(
                rejection.since().truncatedTo(ChronoUnit.MILLIS),
                rejection.until().truncatedTo(ChronoUnit.MILLIS),
                rejection.cause()),
        Optional.empty(),
        false,
        true,
        Effect.NONE,
        Optional.of(rejection.retryAfter()));
  }

  /// A target that has announced when it takes calls again.
  ///
  /// @param isTransient whether the call waits for that
  static CallFailure of(CircuitBreaker.RateLimit limit, boolean isTransient) {
    return new CallFailure(
        Kind.REFUSED,
        limit.cause(),
        Optional.of(ProviderError.of(TOO_MANY_REQUESTS)),
        isTransient,
        true,
        Effect.NONE,
        Optional.of(limit.retryAfter()));
  }

  /// @param policy the policy of the call
  static CallFailure of(UpstreamException e, CallPolicy policy) {
    return switch (e.kind()) {
      case UNRESOLVED, CONNECT_REFUSED, UNREACHABLE -> withoutCall(Kind.UNREACHABLE, e, true, true);
      case RESOLVE_TIMEOUT, CONNECT_TIMEOUT, TLS_TIMEOUT ->
          withoutCall(Kind.UNREACHABLE, e, true, policy.allowsTimeToConnect());
      case PROXY_FAILED -> withoutCall(Kind.UNREACHABLE, e, true, true);
      case PROXY_CREDENTIALS, PROXY_DENIED, PROXY_INVALID ->
          withoutCall(Kind.UNREACHABLE, e, false, true);
      case RESOLVER_BUSY, BUSY -> withoutCall(Kind.UNREACHABLE, e, true, false);
      case OUT_OF_MEMORY -> outOfMemory();
      case DENIED_BY_POLICY -> withoutCall(Kind.UNREACHABLE, e, false, false);
      case TLS_UNSUPPORTED, TLS_UNTRUSTED, TLS_EXPIRED, TLS_WRONG_HOST, TLS_FAILED ->
          withoutCall(Kind.UNREACHABLE, e, false, true);
      case TIMEOUT ->
          withoutCompleteResponse(Kind.TIMED_OUT, e, false, policy.allowsTimeToRespond());
      case RESET, TRUNCATED -> withoutCompleteResponse(Kind.BROKEN, e, true, true);
      case PROTOCOL, UNEXPECTED_ENCODING -> withoutCompleteResponse(Kind.BROKEN, e, false, true);
      // Only the request decides how large a response is, and the client how fast it is read and
      // sent.
      case TOO_LARGE -> withoutCompleteResponse(Kind.BROKEN, e, false, false);
      case NOT_READ, NOT_SENT -> withoutCompleteResponse(Kind.TIMED_OUT, e, false, false);
      case CANCELLED -> cancelled();
    };
  }

  private static CallFailure withoutCall(
      Kind kind, UpstreamException e, boolean mayPass, boolean isProviders) {
    return withoutResponse(kind, "cannot call the provider: ", e, mayPass, isProviders);
  }

  private static CallFailure withoutCompleteResponse(
      Kind kind, UpstreamException e, boolean mayPass, boolean isProviders) {
    return withoutResponse(
        kind, "no complete response from the provider: ", e, mayPass, isProviders);
  }

  /// A failure without a response. Only the log has the address of the provider, which callers must
  /// not learn.
  private static CallFailure withoutResponse(
      Kind kind, String consequence, UpstreamException e, boolean mayPass, boolean isProviders) {
    String remedy = e.denial().flatMap(EgressDenial::remedy).map(text -> ". " + text).orElse("");
    return new CallFailure(
        kind,
        consequence + e.kind(),
        consequence + e.getMessage() + remedy,
        Optional.empty(),
        mayPass,
        true,
        isProviders ? Effect.FAILURE : Effect.NONE,
        Optional.empty());
  }

  /// A response with a status other than 200.
  static CallFailure of(UpstreamResponse response, CallableProvider provider, Instant now) {
    int status = response.status();
    String body = response.text();
    JsonNode json = ProviderJson.parseError(body);
    Optional<String> message = ErrorTextSanitizer.message(body, json, provider);
    return new CallFailure(
        Kind.REFUSED,
        "the provider returned status %d%s"
            .formatted(status, message.map(text -> ": " + text).orElse("")),
        Optional.of(ProviderError.of(response, message, ProviderErrorLabels.of(json), provider)),
        TRANSIENT_STATUSES.contains(status) && RetryAdvice.shouldRetry(response).orElse(true),
        status >= 500 || TARGET_STATUSES.contains(status),
        effect(status),
        RetryAdvice.delay(response, json, now));
  }

  private static Effect effect(int status) {
    if (status == TOO_MANY_REQUESTS) {
      return Effect.RATE_LIMIT;
    }
    return status >= 500 ? Effect.FAILURE : Effect.NONE;
  }

  /// A response that needs more memory than the total memory budget.
  static CallFailure tooLarge() {
    return new CallFailure(
        Kind.BROKEN,
        "the provider's response is too large for the memory of the service",
        Optional.of(ProviderError.of(200)),
        false,
        true,
        Effect.NONE,
        Optional.empty());
  }

  /// A response for which the service has no memory available at the moment.
  static CallFailure outOfMemory() {
    return new CallFailure(
        Kind.OVERLOADED,
        "the service has no memory left for the provider's response",
        Optional.empty(),
        true,
        false,
        Effect.NONE,
        Optional.of(OVERLOAD_RETRY_AFTER));
  }

  /// An error with status 200, or an invalid response.
  static CallFailure of(ProviderErrorException error, CallableProvider provider) {
    if (error.isOutOfMemory()) {
      return outOfMemory();
    }
    boolean overloaded =
        Stream.of(error.labels().type(), error.labels().code())
            .flatMap(Optional::stream)
            .anyMatch(OVERLOAD_LABELS::contains);
    String message = ErrorTextSanitizer.sanitize(String.valueOf(error.getMessage()), provider);
    return new CallFailure(
        Kind.REFUSED,
        "the provider reported an error: " + message,
        Optional.of(ProviderError.of(error, message, provider)),
        overloaded,
        true,
        overloaded ? Effect.FAILURE : Effect.NONE,
        Optional.empty());
  }

  /// A stream that ended early.
  static CallFailure truncated() {
    return new CallFailure(
        Kind.BROKEN,
        "the provider ended the stream before the response was complete",
        Optional.of(ProviderError.of(200)),
        true,
        true,
        Effect.FAILURE,
        Optional.empty());
  }

  /// A stream that the service failed to read.
  static CallFailure unreadable() {
    return new CallFailure(
        Kind.BROKEN,
        "the provider's stream could not be read",
        Optional.of(ProviderError.of(200)),
        false,
        true,
        Effect.NONE,
        Optional.empty());
  }

  /// The caller no longer waits for the response.
  static CallFailure cancelled() {
    return new CallFailure(
        Kind.CANCELLED,
        "the call was cancelled",
        Optional.empty(),
        false,
        false,
        Effect.NONE,
        Optional.empty());
  }
}
