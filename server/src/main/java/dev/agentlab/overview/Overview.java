package dev.agentlab.overview;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaName;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/// The state of the service, as far as the caller may see it.
@SchemaName("Overview")
@SchemaDescription(
    "The state of the service. A part that the caller's scopes do not allow is absent.")
@JsonInclude(JsonInclude.Include.NON_ABSENT)
record Overview(
    Health health,
    @SchemaDescription("Requires `providers:read`.") Optional<CallStatistics> calls,
    @SchemaDescription("Requires `providers:read`.") Optional<Count> providers,
    @SchemaDescription("Requires `agents:read`.") Optional<Count> agents,
    @SchemaDescription("Requires `routes:read`.") Optional<Count> routes,
    Attention attention) {

  /// Whether the replica is ready.
  @SchemaName("OverviewHealth")
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record Health(
      Readiness status,
      @SchemaDescription("Why the replica is not ready.") Optional<String> reason) {}

  /// Whether the replica takes requests.
  enum Readiness {
    READY,
    NOT_READY;

    @Override
    @JsonValue
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// The number of resources.
  @SchemaName("ResourceCount")
  record Count(long total) {}

  /// What an operator should look at.
  @SchemaName("OverviewAttention")
  @SchemaDescription("What needs attention. An empty list means that nothing does.")
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record Attention(
      @SchemaDescription(
              "The circuit breakers that reject calls now, at most 100. Requires `providers:read`.")
          Optional<List<Breaker>> openBreakers,
      @SchemaDescription("The registered providers that are failing. Requires `providers:read`.")
          Optional<List<ProviderHealth>> failingProviders,
      @SchemaDescription(
              "The keys that expire within 14 days, at most 100: all keys with `keys:admin`, else the"
                  + " caller's own key and those that it owns.")
          List<ExpiringKey> expiringKeys) {
    Attention {
      expiringKeys = List.copyOf(expiringKeys);
    }
  }

  /// An open circuit breaker.
  @SchemaName("OpenCircuitBreaker")
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record Breaker(
      @SchemaDescription("Absent for a provider that is not registered.") Optional<UUID> providerId,
      String provider,
      String model,
      @SchemaDescription("The reason for the last failure, without text of the provider.")
          String reason,
      Instant since) {}

  /// The last failed call of a provider.
  @SchemaName("FailedCall")
  record FailedCall(
      Instant at,
      @SchemaDescription(
              "The kind of the failure, such as `timed_out`, and the status of the provider's response,"
                  + " if there was one.")
          String reason) {
    static FailedCall of(RecentCalls.Failure failure) {
      return new FailedCall(failure.at(), failure.reason());
    }
  }

  /// A key that expires soon.
  @SchemaName("ExpiringKey")
  record ExpiringKey(UUID id, String name, Instant expiresAt) {}

  /// The health of all registered providers that were called.
  @SchemaName("ProviderHealthList")
  record ProviderHealthList(List<ProviderHealth> data) {
    ProviderHealthList {
      data = List.copyOf(data);
    }
  }

  /// The calls of one provider.
  @SchemaName("ProviderHealth")
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record ProviderHealth(
      UUID id,
      String name,
      long calls,
      @SchemaDescription("The calls that failed, without those that the caller cancelled.")
          long failed,
      @SchemaDescription("The median latency of the calls that succeeded, in milliseconds.")
          Optional<Long> p50Ms,
      @SchemaDescription("The latency that 95 % of these calls did not exceed, in milliseconds.")
          Optional<Long> p95Ms,
      @SchemaDescription("Whether a circuit breaker of one of its models rejects calls now.")
          boolean openBreaker,
      @SchemaDescription(
              "Whether more than half of its calls in the last ten minutes failed, or, if there were none,"
                  + " of those in the last hour. A response that refuses the content of one request, such as"
                  + " one with status 400, does not count.")
          boolean failing,
      Optional<FailedCall> lastFailure) {}

  /// The recent calls of a caller.
  @SchemaName("RecentCallList")
  record RecentCallList(List<RecentCall> data) {
    RecentCallList {
      data = List.copyOf(data);
    }
  }
}
