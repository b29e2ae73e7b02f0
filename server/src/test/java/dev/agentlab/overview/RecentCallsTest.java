package dev.agentlab.overview;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.dialects.Operation;
import dev.agentlab.json.Json;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.modelclient.CallLabels;
import dev.agentlab.modelclient.CallPolicy;
import dev.agentlab.modelclient.CallRecord;
import dev.agentlab.modelclient.CallSource;
import dev.agentlab.modelclient.CallTarget;
import dev.agentlab.overview.RecentCalls.ProviderTotals;
import dev.agentlab.security.Caller;
import dev.agentlab.security.CallerId;
import dev.agentlab.security.GrantSet;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RecentCallsTest {
  private static final UUID PROVIDER = new UUID(1, 1);
  private static final CallableProvider SIMULATED = simulated();

  private Instant now = Instant.parse("2026-01-31T14:05:09Z");
  private final RecentCalls calls = new RecentCalls(() -> now);

  private static CallableProvider simulated() {
    ProviderKinds kinds = ProviderKinds.standard();
    return kinds.build(
        kinds.parse(
            Json.MAPPER
                .readTree("{\"name\": \"simulated\", \"base_url\": \"\", \"options\": {}}")
                .asObject()));
  }

  private static CallerId id(String caller) {
    return new CallerId(Caller.Kind.TOKEN, caller);
  }

  private void call(Optional<UUID> provider, String caller, long millis, boolean fails) {
    calls.onCallEnd(
        new CallRecord(
            new CallSource(
                new Caller(Caller.Kind.TOKEN, caller, "name of " + caller, GrantSet.NONE),
                Optional.of(new CallSource.CalledAgent(new UUID(2, 2), "helper", 1)),
                "openai",
                CallLabels.of("r1")),
            Operation.CHAT,
            true,
            Instant.EPOCH,
            new CallTarget(
                provider, "p", "key", SIMULATED, "m".repeat(100), CallPolicy.CLIENT_RETRIES),
            Optional.empty(),
            List.of(),
            Optional.of(Duration.ofMillis(1)),
            Duration.ofMillis(millis),
            new TokenUsage(7, 0),
            CallRecord.UsageSource.REPORTED,
            Optional.empty(),
            Optional.empty(),
            0,
            0,
            List.of(),
            fails ? Optional.of(new IllegalStateException("secret detail")) : Optional.empty()));
  }

  @Test
  void callsAreCountedByMinuteForAnHour() {
    call(Optional.of(PROVIDER), "a", 100, false);
    now = now.plusSeconds(60);
    call(Optional.of(PROVIDER), "a", 1, true);
    call(Optional.empty(), "a", 300, false);

    CallStatistics statistics = calls.statistics();

    assertThat(statistics.minutes()).hasSize(60);
    assertThat(statistics.minutes().getLast().at()).isEqualTo("2026-01-31T14:06:00Z");
    assertThat(statistics.minutes().getFirst().at()).isEqualTo("2026-01-31T13:07:00Z");
    assertThat(statistics.minutes().getLast())
        .extracting(CallStatistics.Minute::calls, CallStatistics.Minute::failed)
        .containsExactly(2L, 1L);
    assertThat(statistics.minutes().get(57).p50Ms()).isEmpty();
    assertThat(statistics.calls()).isEqualTo(3);
    assertThat(statistics.failed()).isEqualTo(1);
    assertThat(statistics.p50Ms().orElseThrow()).isBetween(90L, 110L);
    assertThat(statistics.p95Ms().orElseThrow()).isBetween(270L, 330L);
    now = now.plusSeconds(59 * 60);
    assertThat(calls.statistics().calls()).isEqualTo(2);
    now = now.plusSeconds(60);
    assertThat(calls.statistics().calls()).isZero();
    call(Optional.empty(), "a", 1, false);
    assertThat(calls.statistics().calls()).isEqualTo(1);
  }

  @Test
  void registeredProvidersHaveTheirOwnTotals() {
    call(Optional.of(PROVIDER), "a", 100, false);
    call(Optional.of(PROVIDER), "a", 100, true);
    call(Optional.empty(), "a", 100, false);

    assertThat(calls.byProvider(10))
        .singleElement()
        .satisfies(it -> {
          assertThat(it.name()).isEqualTo("p");
          assertThat(it.totals().calls()).isEqualTo(2);
          assertThat(it.totals().failed()).isEqualTo(1);
          assertThat(it.totals().providerFailures()).isZero();
          assertThat(it.lastFailure().orElseThrow().reason()).isEqualTo("internal_error");
        });
    now = now.plusSeconds(10 * 60);
    assertThat(calls.byProvider(10)).isEmpty();
    assertThat(calls.byProvider(60)).hasSize(1);
  }

  @Test
  void rowDescribesTheCall() {
    call(Optional.of(PROVIDER), "a", 100, true);

    assertThat(calls.of(Set.of(id("a"))))
        .containsExactly(
            new RecentCall(
                now,
                "a",
                "name of a",
                "p",
                "m".repeat(60) + "…",
                Optional.of("helper"),
                Optional.of(new UUID(2, 2)),
                RecentCall.Status.FAILED,
                Optional.of("internal_error"),
                100,
                Optional.of(1L),
                Optional.of(7L),
                Optional.empty(),
                true));
  }

  @Test
  void callersSeeTheirLastCallsNewestFirst() {
    for (int i = 0; i < 60; i++) {
      now = now.plusMillis(1);
      call(Optional.empty(), "a", i, false);
      call(Optional.empty(), "b", i, false);
    }
    now = now.plusMillis(1);
    call(Optional.empty(), "c", 1_000, false);

    assertThat(calls.of(Set.of(id("a")))).hasSize(50);
    assertThat(calls.of(Set.of(id("a"), id("c"))))
        .hasSize(50)
        .extracting(RecentCall::latencyMs)
        .startsWith(1_000L)
        .endsWith(11L);
    assertThat(calls.of(Set.of(CallerId.ofKey(PROVIDER)))).isEmpty();
  }

  @Test
  void leastRecentCallersAndProvidersAreDropped() {
    call(Optional.of(PROVIDER), "first", 1, false);
    call(Optional.of(PROVIDER), "second", 1, false);
    for (int i = 0; i < RecentCalls.MAX_CALLERS - 1; i++) {
      call(Optional.of(new UUID(3, i)), "caller " + i, 1, false);
    }

    assertThat(calls.of(Set.of(id("first")))).isEmpty();
    assertThat(calls.of(Set.of(id("second")))).hasSize(1);
    assertThat(calls.byProvider(60)).hasSize(RecentCalls.MAX_PROVIDERS);
    assertThat(calls.byProvider(60)).extracting(ProviderTotals::id).doesNotContain(PROVIDER);
    assertThat(calls.statistics().calls()).isEqualTo(RecentCalls.MAX_CALLERS + 1);
  }
}
