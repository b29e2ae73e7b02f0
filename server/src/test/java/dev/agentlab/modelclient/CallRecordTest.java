package dev.agentlab.modelclient;

import static dev.agentlab.modelclient.TestModelClients.COMPLETION;
import static dev.agentlab.modelclient.TestModelClients.DONE;
import static dev.agentlab.modelclient.TestModelClients.FINISH;
import static dev.agentlab.modelclient.TestModelClients.FIRST;
import static dev.agentlab.modelclient.TestModelClients.NO_RETRIES;
import static dev.agentlab.modelclient.TestModelClients.POLICY;
import static dev.agentlab.modelclient.TestModelClients.TIMEOUT;
import static dev.agentlab.modelclient.TestModelClients.closeAfter;
import static dev.agentlab.modelclient.TestModelClients.endlessStream;
import static dev.agentlab.modelclient.TestModelClients.target;
import static dev.agentlab.modelclient.TestModelClients.write;
import static dev.agentlab.testing.FakeUpstream.events;
import static dev.agentlab.testing.FakeUpstream.json;
import static dev.agentlab.testing.FakeUpstream.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.upstream.Cancellation;
import dev.agentlab.upstream.Transport;
import dev.agentlab.upstream.UpstreamLimits;
import dev.agentlab.upstream.UpstreamRequest;
import dev.agentlab.upstream.UpstreamResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Verifies the reports of model calls to the listener and to the metrics.
class CallRecordTest {
  private static final String ROLE =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
  private static final String USAGE =
      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5}}\n\n";

  private final TestModelClients clients = new TestModelClients();

  @AfterEach
  void stop() throws TimeoutException {
    clients.close();
  }

  @Test
  void retriedSuccessReportsItsAttempts() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (FakeUpstream upstream =
        FakeUpstream.start((_, out) ->
            write(
                out,
                calls.incrementAndGet() < 3
                    ? response("503 No", "text/plain", "busy")
                    : json(COMPLETION)))) {
      clients.complete(clients.createClient(), target(upstream, POLICY));

      CallRecord call = clients.awaitEnded();
      assertThat(call.outcome()).isEqualTo("success");
      assertThat(call.attempts()).hasSize(3);
      assertThat(count("success")).isEqualTo(1);
      assertThat(tokens("input")).isEqualTo(1);
    }
  }

  @Test
  void failureReportsItsCause() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(response("401 No", "text/plain", "bad key"))) {
      clients.failure(upstream, POLICY);

      CallRecord call = clients.awaitEnded();
      assertThat(call.attempts()).hasSize(1);
      assertThat(call.outcome()).isEqualTo("refused");
      assertThat(call.cause()).contains("the provider returned status 401: bad key");
      assertThat(count("refused")).isEqualTo(1);
    }
  }

  @Test
  void streamReportsUsageAndFirstContent() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.start(closeAfter(events() + ROLE + FIRST + FINISH + USAGE + DONE))) {
      clients.stream(upstream, POLICY).readAll();

      assertThat(clients.awaitEnded().outcome()).isEqualTo("success");
      assertThat(tokens("input")).isEqualTo(7);
      assertThat(tokens("output")).isEqualTo(5);
      assertThat(firstContentCount()).isEqualTo(1);
    }
  }

  @Test
  void roleIsNotCountedAsFirstContent() throws Exception {
    ModelClient client = clients.createClient(TIMEOUT, TIMEOUT, Duration.ofMillis(50));
    try (FakeUpstream upstream = FakeUpstream.start((_, out) -> write(out, events() + ROLE))) {
      StreamSubscriber caller = clients.subscribe(client, target(upstream, POLICY));
      assertThat(caller.readNext()).isEqualTo(ROLE);

      assertThat(clients.meters.find("agentlab.model.time.to.first.content").timer()).isNull();
      caller.cancel();
    }
  }

  @Test
  void nonStreamingResponseToStreamRequestIsASuccess() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(json(COMPLETION))) {
      clients.stream(upstream, POLICY).readAll();

      assertThat(clients.awaitEnded().outcome()).isEqualTo("success");
      assertThat(tokens("input")).isEqualTo(1);
      assertThat(firstContentCount()).isEqualTo(1);
    }
  }

  @Test
  void truncatedStreamIsReportedOnce() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(closeAfter(events() + FIRST))) {
      clients.stream(upstream, POLICY).readAll();

      CallRecord call = clients.awaitEnded();
      assertThat(call.outcome()).isEqualTo("broken");
      assertThat(call.cause())
          .contains("the provider ended the stream before the response was complete");
      assertThat(clients.endedCalls).isEmpty();
      assertThat(count("broken")).isEqualTo(1);
    }
  }

  @Test
  void retriedStreamIsReportedOnce() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (FakeUpstream upstream =
        FakeUpstream.start((_, out) -> {
          write(out, events() + (calls.incrementAndGet() < 3 ? "" : FIRST + FINISH + DONE));
          out.close();
        })) {
      clients.stream(upstream, POLICY).readAll();

      CallRecord call = clients.awaitEnded();
      assertThat(call.outcome()).isEqualTo("success");
      assertThat(call.attempts()).hasSize(3);
      assertThat(clients.endedCalls).isEmpty();
    }
  }

  @Test
  void clientDisconnectIsReportedAsCancelled() throws Exception {
    try (FakeUpstream endless = endlessStream(new AtomicLong())) {
      StreamSubscriber caller = clients.stream(endless, POLICY);
      caller.readNext();
      caller.cancel();

      assertThat(clients.awaitEnded().outcome()).isEqualTo("cancelled");
      assertThat(count("cancelled")).isEqualTo(1);
    }
  }

  @Test
  void openBreakerIsCountedUntilItsTrial() throws Exception {
    ManualClock clock = new ManualClock();
    ModelClient client = clients.createClient(clock);
    try (FakeUpstream upstream = FakeUpstream.start(response("500 No", "text/plain", "broken"))) {
      CallTarget target = target(upstream, NO_RETRIES);
      while (clients.failureOf(client, target).kind() != ModelCallException.Kind.SUSPENDED) {
        assertThat(clients.awaitEnded().outcome()).isEqualTo("refused");
      }

      CallRecord call = clients.awaitEnded();
      assertThat(call.outcome()).isEqualTo("suspended");
      assertThat(call.attempts()).isEmpty();
      assertThat(openBreakerCount()).isEqualTo(1);
      clock.advance(Duration.ofMinutes(1));
      assertThat(openBreakerCount()).isZero();
    }
  }

  @Test
  void internalErrorIsReportedWithoutItsMessage() throws Exception {
    ModelClient client =
        new ModelClient(
            new FailingTransport(),
            new ModelClientSettings(TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, 1 << 20),
            InstantSource.system(),
            new MemoryBudget(8 << 20),
            clients.meters);
    try (FakeUpstream upstream = FakeUpstream.start(json(COMPLETION))) {
      CallTarget target = target(upstream, NO_RETRIES);

      assertThatIllegalStateException().isThrownBy(() -> clients.complete(client, target));
      CallRecord call = clients.awaitEnded();
      assertThat(call.outcome()).isEqualTo("internal_error");
      assertThat(call.cause()).contains("IllegalStateException");
    }
  }

  private static final class FailingTransport implements Transport {
    @Override
    public UpstreamResponse send(UpstreamRequest request, UpstreamLimits limits, Cancellation by) {
      throw new IllegalStateException("sk-canary");
    }

    @Override
    public CompletableFuture<Result> start(
        EventLoop loop, UpstreamRequest request, UpstreamLimits limits, Cancellation by) {
      throw new IllegalStateException("sk-canary");
    }
  }

  private long count(String outcome) {
    return clients
        .meters
        .get("agentlab.model.call.duration")
        .tags("provider", "ollama", "model", "m", "outcome", outcome)
        .timer()
        .count();
  }

  private double tokens(String type) {
    return clients.meters.get("agentlab.model.tokens").tag("type", type).counter().count();
  }

  private long firstContentCount() {
    return clients.meters.get("agentlab.model.time.to.first.content").timer().count();
  }

  private double openBreakerCount() {
    return clients.meters.get("agentlab.open.circuit.breakers").gauge().value();
  }
}
