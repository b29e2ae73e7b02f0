package dev.agentlab.calls;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.dialects.Operation;
import dev.agentlab.json.Json;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.modelclient.CallLabels;
import dev.agentlab.modelclient.CallPolicy;
import dev.agentlab.modelclient.CallRecord;
import dev.agentlab.modelclient.CallRecord.AttemptRecord;
import dev.agentlab.modelclient.CallSource;
import dev.agentlab.modelclient.CallTarget;
import dev.agentlab.modelclient.RouteDecision;
import dev.agentlab.security.Caller;
import dev.agentlab.security.GrantSet;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Records of calls for tests.
final class TestCalls {
  static final UUID ROUTE = UUID.fromString("00000000-0000-4000-8000-000000000001");

  private static final CallableProvider SIMULATED = simulated();

  private TestCalls() {}

  private static CallableProvider simulated() {
    ProviderKinds kinds = ProviderKinds.standard();
    return kinds.build(
        kinds.parse(
            Json.MAPPER
                .readTree("{\"name\": \"simulated\", \"base_url\": \"\", \"options\": {}}")
                .asObject()));
  }

  /// A successful call of one model.
  static CallRecord record(String requestId, Instant startedAt) {
    return record(
        requestId, startedAt, Optional.empty(), List.of(success("openai/m")), Optional.empty());
  }

  /// A call of a route with the targets `openai/m` and `azure/m`.
  ///
  /// @param failure of the call
  static CallRecord ofRoute(
      Instant startedAt, Optional<Throwable> failure, AttemptRecord... attempts) {
    return record(
        "r",
        startedAt,
        Optional.of(
            new RouteDecision(ROUTE, "route", 2, List.of("openai/m", "azure/m"), List.of())),
        List.of(attempts),
        failure);
  }

  static AttemptRecord success(String target) {
    return attempt(target, "success");
  }

  static AttemptRecord attempt(String target, String outcome) {
    return new AttemptRecord(
        target,
        target.substring(0, target.indexOf('/')),
        "m",
        outcome,
        outcome.equals("success") ? Optional.empty() : Optional.of("it failed"),
        Duration.ofMillis(5));
  }

  private static CallRecord record(
      String requestId,
      Instant startedAt,
      Optional<RouteDecision> route,
      List<AttemptRecord> attempts,
      Optional<Throwable> failure) {
    return new CallRecord(
        new CallSource(
            new Caller(Caller.Kind.KEY, "k1", "laptop", GrantSet.NONE),
            Optional.empty(),
            "openai",
            new CallLabels(requestId, Optional.of("s1"), Optional.empty(), Map.of("team", "a"))),
        Operation.CHAT,
        true,
        startedAt,
        new CallTarget("openai", "key", SIMULATED, "m", CallPolicy.CLIENT_RETRIES),
        route,
        attempts,
        Optional.of(Duration.ofMillis(3)),
        Duration.ofMillis(10),
        new TokenUsage(7, 9),
        CallRecord.UsageSource.REPORTED,
        Optional.of(FinishReason.STOP),
        Optional.of("provider-" + requestId),
        100,
        200,
        List.of("The member x was ignored."),
        failure);
  }
}
