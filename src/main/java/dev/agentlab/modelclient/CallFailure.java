package dev.agentlab.modelclient;

import dev.agentlab.dialects.ProviderErrorException;
import dev.agentlab.dialects.ProviderErrorLabels;
import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.kinds.ErrorTextSanitizer;
import dev.agentlab.kinds.LlmProvider;
import dev.agentlab.modelclient.ModelCallException.Kind;
import dev.agentlab.upstream.EgressDenial;
import dev.agentlab.upstream.UpstreamException;
import dev.agentlab.upstream.UpstreamResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;

/// One try that failed, and what that means for the next.
///
/// @param message for the caller
/// @param upstream what the provider said for programs, if it answered
/// @param mayPass whether the same call may succeed a little later
/// @param isProviders whether it tells against the provider's health
/// @param retryAfter how long the provider wants to be left alone
record CallFailure(
    Kind kind,
    String message,
    Optional<ProviderError> upstream,
    boolean mayPass,
    boolean isProviders,
    Optional<Duration> retryAfter) {

  /// 529 is Anthropic's way to say 503.
  private static final Set<Integer> PASSING = Set.of(429, 502, 503, 504, 529);

  /// What Anthropic, Gemini and Bedrock call the same under status 200.
  private static final Set<String> OVERLOADED =
      Set.of(
          "overloaded_error",
          "RESOURCE_EXHAUSTED",
          "UNAVAILABLE",
          "serviceUnavailableException",
          "throttlingException");

  /// When memory may be free again.
  private static final Duration OVERLOAD_PAUSE = Duration.ofSeconds(1);

  /// A provider that names a time beyond this means never.
  private static final Duration LONGEST_WAIT = Duration.ofDays(1);

  /// What the caller is told.
  ///
  /// @param attempts how often the provider was called
  ModelCallException toException(int attempts) {
    String told = attempts > 1 ? "%s (tried %d times)".formatted(message, attempts) : message;
    return new ModelCallException(kind, told, upstream, retryAfter, attempts);
  }

  /// Reports the call that failed like this to the breaker that allowed it.
  void report(CircuitBreaker.Permit permit) {
    if (isProviders) {
      permit.failed(message);
    } else {
      permit.released();
    }
  }

  /// @param policy of the call
  static CallFailure of(UpstreamException e, CallPolicy policy) {
    return switch (e.kind()) {
      case UNRESOLVED, CONNECT_REFUSED, UNREACHABLE -> uncalled(Kind.UNREACHABLE, e, true, true);
      case RESOLVE_TIMEOUT, CONNECT_TIMEOUT, TLS_TIMEOUT ->
          uncalled(Kind.UNREACHABLE, e, true, policy.givesTimeToConnect());
      case RESOLVER_BUSY, BUSY -> uncalled(Kind.UNREACHABLE, e, true, false);
      case NO_ROOM -> noMemory();
      case REFUSED_BY_POLICY -> forbidden(e);
      case TLS_NOT_SPOKEN, TLS_UNTRUSTED, TLS_EXPIRED, TLS_WRONG_HOST, TLS_FAILED ->
          uncalled(Kind.UNREACHABLE, e, false, true);
      case TIMEOUT -> unanswered(Kind.TIMED_OUT, e, false, policy.givesTimeToAnswer());
      case RESET, CUT_OFF -> unanswered(Kind.BROKEN, e, true, true);
      case PROTOCOL, ENCODED, TOO_LARGE -> unanswered(Kind.BROKEN, e, false, true);
      case CANCELLED -> uncalled(Kind.CANCELLED, e, false, false);
    };
  }

  private static CallFailure uncalled(
      Kind kind, UpstreamException e, boolean mayPass, boolean isProviders) {
    return without(
        kind, "the provider could not be called: " + e.getMessage(), mayPass, isProviders);
  }

  private static CallFailure forbidden(UpstreamException e) {
    String message = "the provider could not be called: " + e.getMessage();
    String remedy = e.refusal().flatMap(EgressDenial::remedy).map(text -> ". " + text).orElse("");
    return without(Kind.UNREACHABLE, message + remedy, false, false);
  }

  private static CallFailure unanswered(
      Kind kind, UpstreamException e, boolean mayPass, boolean isProviders) {
    return without(kind, "the provider did not answer: " + e.getMessage(), mayPass, isProviders);
  }

  /// A failure without an answer.
  private static CallFailure without(
      Kind kind, String message, boolean mayPass, boolean isProviders) {
    return new CallFailure(kind, message, Optional.empty(), mayPass, isProviders, Optional.empty());
  }

  /// An answer with another status than 200.
  static CallFailure of(UpstreamResponse response, LlmProvider provider, Instant now) {
    int status = response.status();
    String said =
        ErrorTextSanitizer.message(response.body(), provider).map(text -> ": " + text).orElse("");
    return new CallFailure(
        Kind.REFUSED,
        "the provider answered %d%s".formatted(status, said),
        Optional.of(ProviderError.of(status, labels(response.body()), provider)),
        PASSING.contains(status),
        status >= 500,
        response.header("retry-after").flatMap(text -> wait(text, now)));
  }

  /// An answer that needs more memory than the service has for all of them.
  static CallFailure tooLarge() {
    return new CallFailure(
        Kind.BROKEN,
        "the provider's answer is too large to be read in the memory that the service has",
        Optional.of(ProviderError.of(200)),
        false,
        true,
        Optional.empty());
  }

  /// An answer that the service has no memory for now.
  static CallFailure noMemory() {
    return new CallFailure(
        Kind.OVERLOADED,
        "the service has no memory left to read the provider's answer",
        Optional.empty(),
        true,
        false,
        Optional.of(OVERLOAD_PAUSE));
  }

  private static ProviderErrorLabels labels(String body) {
    try {
      return ProviderErrorLabels.of(ProviderJson.MAPPER.readTree(body));
    } catch (JacksonException e) {
      return ProviderErrorLabels.NONE;
    }
  }

  /// An error under status 200, or what is no answer.
  static CallFailure of(ProviderErrorException fault, LlmProvider provider) {
    if (fault.isOutOfMemory()) {
      return noMemory();
    }
    boolean overloaded = fault.type().filter(OVERLOADED::contains).isPresent();
    return new CallFailure(
        Kind.REFUSED,
        "the provider reported an error: "
            + ErrorTextSanitizer.sanitize(String.valueOf(fault.getMessage()), provider),
        Optional.of(ProviderError.of(200, fault.labels(), provider)),
        overloaded,
        overloaded,
        Optional.empty());
  }

  /// A stream that ended before its answer did.
  static CallFailure cutOff() {
    return new CallFailure(
        Kind.BROKEN,
        "the provider ended the stream before the answer was whole",
        Optional.of(ProviderError.of(200)),
        true,
        true,
        Optional.empty());
  }

  /// A stream that we failed to read.
  static CallFailure unreadable() {
    return new CallFailure(
        Kind.BROKEN,
        "the provider's stream could not be read",
        Optional.of(ProviderError.of(200)),
        false,
        false,
        Optional.empty());
  }

  /// Nobody waits for the answer any more.
  static CallFailure cancelled() {
    return without(Kind.CANCELLED, "the call was cancelled", false, false);
  }

  /// What `Retry-After` says (RFC 9110, 10.2.3): seconds or a date.
  private static Optional<Duration> wait(String text, Instant now) {
    try {
      Duration wait =
          text.strip().chars().allMatch(Character::isDigit)
              ? Duration.ofSeconds(Long.parseLong(text.strip()))
              : Duration.between(
                  now, ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME));
      return Optional.of(wait).filter(it -> !it.isNegative() && it.compareTo(LONGEST_WAIT) < 0);
    } catch (DateTimeException | NumberFormatException e) {
      return Optional.empty();
    }
  }
}
