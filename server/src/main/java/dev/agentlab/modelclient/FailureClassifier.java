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
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// Decides which failures are retried, which may succeed on another target, and which count against
/// the provider.
final class FailureClassifier {
  private static final int TOO_MANY_REQUESTS = 429;

  /// Statuses of transient failures. Anthropic uses 529 like 503.
  private static final Set<Integer> TRANSIENT_STATUSES =
      Set.of(TOO_MANY_REQUESTS, 502, 503, 504, 529);

  /// The code with which OpenAI rejects reasoning that another credential has encrypted.
  private static final String UNREADABLE_REASONING = "invalid_encrypted_content";

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

  /// A shorter timeout of one route must not open the circuit breaker of a provider that others
  /// share.
  private static final Duration MIN_FAIR_CONTENT_TIMEOUT = Duration.ofSeconds(10);

  private FailureClassifier() {}

  /// A target that takes no calls now.
  ///
  /// @param isTransient whether the call waits for the reset of a rate limit
  static Optional<CallFailure> of(CircuitBreaker.Decision decision, boolean isTransient) {
    return switch (decision) {
      case CircuitBreaker.Permit _ -> Optional.empty();
      case CircuitBreaker.Rejection rejection -> Optional.of(of(rejection));
      case CircuitBreaker.RateLimit limit -> Optional.of(of(limit, isTransient));
    };
  }

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
        Optional.of(FallbackCause.OPEN_BREAKER),
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
        Optional.of(FallbackCause.RATE_LIMIT),
        Effect.NONE,
        Optional.of(limit.retryAfter()));
  }

  /// @param policy the policy of the call
  static CallFailure of(UpstreamException e, CallPolicy policy) {
    return switch (e.kind()) {
      case UNRESOLVED, CONNECT_REFUSED, UNREACHABLE, PROXY_FAILED ->
          withoutCall(e, true, Effect.FAILURE);
      case RESOLVE_TIMEOUT, CONNECT_TIMEOUT, TLS_TIMEOUT ->
          withoutCall(e, true, policy.allowsTimeToConnect() ? Effect.FAILURE : Effect.NONE);
      case PROXY_CREDENTIALS, PROXY_DENIED, PROXY_INVALID -> withoutCall(e, false, Effect.FAILURE);
      case RESOLVER_BUSY, BUSY -> withoutCall(e, true, Effect.NONE);
      case OUT_OF_MEMORY -> outOfMemory();
      case DENIED_BY_POLICY -> withoutCall(e, false, Effect.NONE);
      case TLS_UNSUPPORTED, TLS_UNTRUSTED, TLS_EXPIRED, TLS_WRONG_HOST, TLS_FAILED ->
          withoutCall(e, false, Effect.FAILURE);
      case TIMEOUT ->
          withoutCompleteResponse(
              Kind.TIMED_OUT,
              e,
              false,
              Optional.of(FallbackCause.TIMEOUT),
              policy.allowsTimeToRespond() ? Effect.FAILURE : Effect.NONE);
      case RESET, TRUNCATED ->
          withoutCompleteResponse(
              Kind.BROKEN, e, true, Optional.of(FallbackCause.CONNECT), Effect.FAILURE);
      case PROTOCOL, UNEXPECTED_ENCODING ->
          withoutCompleteResponse(
              Kind.BROKEN, e, false, Optional.of(FallbackCause.SERVER_ERROR), Effect.FAILURE);
      // Only the request decides how large a response is, and the client how fast it is read and
      // sent.
      case TOO_LARGE ->
          withoutCompleteResponse(
              Kind.BROKEN, e, false, Optional.of(FallbackCause.SERVER_ERROR), Effect.NONE);
      case NOT_READ, NOT_SENT ->
          withoutCompleteResponse(Kind.TIMED_OUT, e, false, Optional.empty(), Effect.NONE);
      case CANCELLED -> cancelled();
    };
  }

  private static CallFailure withoutCall(UpstreamException e, boolean mayPass, Effect effect) {
    return withoutResponse(
        Kind.UNREACHABLE,
        "cannot call the provider: ",
        e,
        mayPass,
        Optional.of(FallbackCause.CONNECT),
        effect);
  }

  private static CallFailure withoutCompleteResponse(
      Kind kind,
      UpstreamException e,
      boolean mayPass,
      Optional<FallbackCause> fallbackCause,
      Effect effect) {
    return withoutResponse(
        kind, "no complete response from the provider: ", e, mayPass, fallbackCause, effect);
  }

  /// A failure without a response. Only the log has the address of the provider, which callers must
  /// not learn.
  private static CallFailure withoutResponse(
      Kind kind,
      String consequence,
      UpstreamException e,
      boolean mayPass,
      Optional<FallbackCause> fallbackCause,
      Effect effect) {
    String remedy = e.denial().flatMap(EgressDenial::remedy).map(text -> ". " + text).orElse("");
    return new CallFailure(
        kind,
        consequence + e.kind(),
        consequence + e.getMessage() + remedy,
        Optional.empty(),
        mayPass,
        fallbackCause,
        effect,
        Optional.empty());
  }

  /// A response with a status other than 200.
  static CallFailure of(UpstreamResponse response, CallableProvider provider, Instant now) {
    int status = response.status();
    String body = response.text();
    JsonNode json = ProviderJson.parseError(body);
    Optional<String> message = ErrorTextSanitizer.message(body, json, provider);
    ProviderError error =
        ProviderError.of(response, message, ProviderErrorLabels.of(json), provider);
    return new CallFailure(
        Kind.REFUSED,
        "the provider returned status %d%s"
            .formatted(status, message.map(text -> ": " + text).orElse("")),
        Optional.of(error),
        TRANSIENT_STATUSES.contains(status) && RetryAdvice.shouldRetry(response).orElse(true),
        fallbackCause(status, error),
        effect(status),
        RetryAdvice.delay(response, json, now));
  }

  private static Optional<FallbackCause> fallbackCause(int status, ProviderError error) {
    return switch (status) {
      case 400, 413 -> fallbackCause(error);
      case 401, 402, 403 -> Optional.of(FallbackCause.CREDENTIALS);
      case 404 -> Optional.of(FallbackCause.MODEL_NOT_FOUND);
      case 408 -> Optional.of(FallbackCause.TIMEOUT);
      case TOO_MANY_REQUESTS -> Optional.of(FallbackCause.RATE_LIMIT);
      default -> status >= 500 ? Optional.of(FallbackCause.SERVER_ERROR) : Optional.empty();
    };
  }

  /// Why another target may accept a request that the provider found invalid.
  private static Optional<FallbackCause> fallbackCause(ProviderError error) {
    if (error.rejectsLength()) {
      return Optional.of(FallbackCause.CONTEXT_LENGTH);
    }
    return error
        .code()
        .filter(UNREADABLE_REASONING::equals)
        .map(_ -> FallbackCause.UNREADABLE_ITEMS);
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
        Optional.of(FallbackCause.SERVER_ERROR),
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
        Optional.empty(),
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
    ProviderError reported = ProviderError.of(error, message, provider);
    return new CallFailure(
        Kind.REFUSED,
        "the provider reported an error: " + message,
        Optional.of(reported),
        overloaded,
        fallbackCause(reported).or(() -> Optional.of(FallbackCause.SERVER_ERROR)),
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
        Optional.of(FallbackCause.CONNECT),
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
        Optional.of(FallbackCause.SERVER_ERROR),
        Effect.NONE,
        Optional.empty());
  }

  /// A target whose stream had no content in time.
  ///
  /// @param timeout the timeout of the route
  static CallFailure withoutContent(Duration timeout) {
    return new CallFailure(
        Kind.TIMED_OUT,
        "the provider sent no content within %d ms".formatted(timeout.toMillis()),
        Optional.empty(),
        false,
        Optional.of(FallbackCause.TIMEOUT),
        timeout.compareTo(MIN_FAIR_CONTENT_TIMEOUT) < 0 ? Effect.NONE : Effect.FAILURE,
        Optional.empty());
  }

  /// A route without a target that takes the call. If all of them take calls again after the reset
  /// of their rate limits, so does the route.
  ///
  /// @param route the name of the route
  /// @param failures the failure of each target, by its name; not empty
  static CallFailure withoutTarget(String route, Map<String, CallFailure> failures) {
    Optional<Duration> reset =
        failures.values().stream()
            .flatMap(it -> it.retryAfter().stream())
            .min(Comparator.naturalOrder());
    boolean isRateLimited =
        failures.values().stream()
            .allMatch(it -> it.fallbackCause().equals(Optional.of(FallbackCause.RATE_LIMIT)));
    return new CallFailure(
        isRateLimited ? Kind.REFUSED : Kind.NO_TARGET,
        "no target of the route '%s' takes the call: %s"
            .formatted(route, join(failures, CallFailure::message)),
        "no target of the route '%s' takes the call: %s"
            .formatted(route, join(failures, CallFailure::logMessage)),
        isRateLimited ? Optional.of(ProviderError.of(TOO_MANY_REQUESTS)) : Optional.empty(),
        true,
        Optional.empty(),
        Effect.NONE,
        reset);
  }

  private static String join(
      Map<String, CallFailure> failures, Function<CallFailure, String> message) {
    return failures.entrySet().stream()
        .map(it -> "%s: %s".formatted(it.getKey(), message.apply(it.getValue())))
        .collect(Collectors.joining("; "));
  }

  /// The caller no longer waits for the response.
  static CallFailure cancelled() {
    return new CallFailure(
        Kind.CANCELLED,
        "the call was cancelled",
        Optional.empty(),
        false,
        Optional.empty(),
        Effect.NONE,
        Optional.empty());
  }
}
