package dev.agentlab.modelclient;

import static dev.agentlab.modelclient.TestRelays.ANSWER;
import static dev.agentlab.modelclient.TestRelays.DONE;
import static dev.agentlab.modelclient.TestRelays.FINISH;
import static dev.agentlab.modelclient.TestRelays.FIRST;
import static dev.agentlab.modelclient.TestRelays.LONG;
import static dev.agentlab.modelclient.TestRelays.ONCE;
import static dev.agentlab.modelclient.TestRelays.POLICY;
import static dev.agentlab.modelclient.TestRelays.chat;
import static dev.agentlab.modelclient.TestRelays.closing;
import static dev.agentlab.modelclient.TestRelays.endless;
import static dev.agentlab.modelclient.TestRelays.target;
import static dev.agentlab.modelclient.TestRelays.write;
import static dev.agentlab.upstream.FakeUpstream.events;
import static dev.agentlab.upstream.FakeUpstream.json;
import static dev.agentlab.upstream.FakeUpstream.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.upstream.Cancellation;
import dev.agentlab.upstream.FakeUpstream;
import dev.agentlab.upstream.Transport;
import dev.agentlab.upstream.UpstreamLimits;
import dev.agentlab.upstream.UpstreamRequest;
import dev.agentlab.upstream.UpstreamResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Verifies the reports of model calls to the listener and to the metrics.
class ModelCallTest {
  private static final String ROLE =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
  private static final String USAGE =
      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5}}\n\n";

  private final TestRelays relays = new TestRelays();

  @AfterEach
  void stop() throws TimeoutException {
    relays.close();
  }

  @Test
  void retriedSuccessHasItsAttempts() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (FakeUpstream upstream =
        FakeUpstream.answering((_, out) ->
            write(
                out,
                calls.incrementAndGet() < 3
                    ? response("503 No", "text/plain", "busy")
                    : json(ANSWER)))) {
      relays.relay().answer(target(upstream, POLICY), chat(false), relays.context);

      assertThat(ended()).isEqualTo(new ModelCall("ollama", "m", 3, Optional.empty()));
      assertThat(count("success")).isEqualTo(1);
      assertThat(tokens("input")).isEqualTo(1);
    }
  }

  @Test
  void failureHasItsCause() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.answering(response("401 No", "text/plain", "bad key"))) {
      relays.failure(upstream, POLICY);

      ModelCall call = ended();
      assertThat(call.attempts()).isEqualTo(1);
      assertThat(call.outcome()).isEqualTo("refused");
      assertThat(call.cause()).contains("the provider returned status 401: bad key");
      assertThat(count("refused")).isEqualTo(1);
    }
  }

  @Test
  void streamIsReportedWithItsUsageAndFirstContent() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.answering(closing(events() + ROLE + FIRST + FINISH + USAGE + DONE))) {
      relays.stream(upstream, POLICY).all();

      assertThat(ended().outcome()).isEqualTo("success");
      assertThat(tokens("input")).isEqualTo(7);
      assertThat(tokens("output")).isEqualTo(5);
      assertThat(firstContents()).isEqualTo(1);
    }
  }

  @Test
  void roleIsNotTheFirstContent() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.answering((_, out) -> write(out, events() + ROLE))) {
      StreamSubscriber caller = relays.stream(upstream, POLICY);
      assertThat(caller.next()).isEqualTo(ROLE);

      assertThat(relays.meters.find("agentlab.model.time.to.first.content").timer()).isNull();
      caller.cancel();
    }
  }

  @Test
  void wholeAnswerInPlaceOfAStreamIsASuccess() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.answering(json(ANSWER))) {
      relays.stream(upstream, POLICY).all();

      assertThat(ended().outcome()).isEqualTo("success");
      assertThat(tokens("input")).isEqualTo(1);
      assertThat(firstContents()).isEqualTo(1);
    }
  }

  @Test
  void streamThatBrokeIsReportedOnce() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.answering(closing(events() + FIRST))) {
      relays.stream(upstream, POLICY).all();

      ModelCall call = ended();
      assertThat(call.outcome()).isEqualTo("broken");
      assertThat(call.cause())
          .contains("the provider ended the stream before the response was complete");
      assertThat(relays.ended).isEmpty();
      assertThat(count("broken")).isEqualTo(1);
    }
  }

  @Test
  void streamThatIsTriedAgainIsReportedOnce() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (FakeUpstream upstream =
        FakeUpstream.answering((_, out) -> {
          write(out, events() + (calls.incrementAndGet() < 3 ? "" : FIRST + FINISH + DONE));
          out.close();
        })) {
      relays.stream(upstream, POLICY).all();

      assertThat(ended()).isEqualTo(new ModelCall("ollama", "m", 3, Optional.empty()));
      assertThat(relays.ended).isEmpty();
    }
  }

  @Test
  void callerWhoLeavesCancels() throws Exception {
    try (FakeUpstream endless = endless(new AtomicLong())) {
      StreamSubscriber caller = relays.stream(endless, POLICY);
      caller.next();
      caller.cancel();

      assertThat(ended().outcome()).isEqualTo("cancelled");
      assertThat(count("cancelled")).isEqualTo(1);
    }
  }

  @Test
  void openBreakerIsShownUntilItsTrial() throws Exception {
    BreakerTime time = new BreakerTime();
    ModelClient relay = relays.relay(time);
    try (FakeUpstream upstream =
        FakeUpstream.answering(response("500 No", "text/plain", "broken"))) {
      Target target = target(upstream, ONCE);
      while (relays.relayFailure(relay, target).kind() != ModelCallException.Kind.SUSPENDED) {
        assertThat(ended().outcome()).isEqualTo("refused");
      }

      ModelCall call = ended();
      assertThat(call.outcome()).isEqualTo("suspended");
      assertThat(call.attempts()).isZero();
      assertThat(openBreakers()).isEqualTo(1);
      time.pass(Duration.ofMinutes(1));
      assertThat(openBreakers()).isZero();
    }
  }

  @Test
  void faultOfTheServiceIsReportedWithoutItsMessage() throws Exception {
    ModelClient relay =
        new ModelClient(
            new FaultyTransport(),
            new ModelClientSettings(LONG, LONG, LONG, LONG, 1 << 20),
            InstantSource.system(),
            new MemoryBudget(8 << 20),
            relays.meters);
    try (FakeUpstream upstream = FakeUpstream.answering(json(ANSWER))) {
      Target target = target(upstream, ONCE);

      assertThatIllegalStateException()
          .isThrownBy(() -> relay.answer(target, chat(false), relays.context));
      ModelCall call = ended();
      assertThat(call.outcome()).isEqualTo("internal_error");
      assertThat(call.cause()).contains("IllegalStateException");
    }
  }

  private static final class FaultyTransport implements Transport {
    @Override
    public UpstreamResponse send(UpstreamRequest request, UpstreamLimits limits, Cancellation by) {
      throw new IllegalStateException("sk-canary");
    }

    @Override
    public Opened open(UpstreamRequest request, UpstreamLimits limits, Cancellation by) {
      throw new IllegalStateException("sk-canary");
    }
  }

  private ModelCall ended() throws InterruptedException {
    ModelCall call = relays.ended.poll(10, TimeUnit.SECONDS);
    if (call == null) {
      throw new AssertionError("no call ended");
    }
    return call;
  }

  private long count(String outcome) {
    return relays
        .meters
        .get("agentlab.model.call.duration")
        .tags("provider", "ollama", "model", "m", "outcome", outcome)
        .timer()
        .count();
  }

  private double tokens(String type) {
    return relays.meters.get("agentlab.model.tokens").tag("type", type).counter().count();
  }

  private long firstContents() {
    return relays.meters.get("agentlab.model.time.to.first.content").timer().count();
  }

  private double openBreakers() {
    return relays.meters.get("agentlab.open.circuit.breakers").gauge().value();
  }
}
