package dev.agentlab.modelclient;

import static dev.agentlab.modelclient.TestModelClients.COMPLETION;
import static dev.agentlab.modelclient.TestModelClients.DONE;
import static dev.agentlab.modelclient.TestModelClients.FINISH;
import static dev.agentlab.modelclient.TestModelClients.FIRST;
import static dev.agentlab.modelclient.TestModelClients.NO_RETRIES;
import static dev.agentlab.modelclient.TestModelClients.POLICY;
import static dev.agentlab.modelclient.TestModelClients.TIMEOUT;
import static dev.agentlab.modelclient.TestModelClients.chatRequest;
import static dev.agentlab.modelclient.TestModelClients.closeAfter;
import static dev.agentlab.modelclient.TestModelClients.endlessStream;
import static dev.agentlab.modelclient.TestModelClients.target;
import static dev.agentlab.modelclient.TestModelClients.write;
import static dev.agentlab.testing.FakeUpstream.events;
import static dev.agentlab.testing.FakeUpstream.json;
import static dev.agentlab.testing.FakeUpstream.response;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.dialects.CompleteAnswer;
import dev.agentlab.dialects.Dialect;
import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.dialects.ProviderRequest;
import dev.agentlab.dialects.StreamReader;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.modelclient.CallRecord.AttemptRecord;
import dev.agentlab.security.Caller;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.upstream.Cancellation;
import dev.agentlab.upstream.Transport;
import dev.agentlab.upstream.UpstreamLimits;
import dev.agentlab.upstream.UpstreamRequest;
import dev.agentlab.upstream.UpstreamResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Verifies the record of each call, which the listener and the metrics receive once.
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
  void recordDescribesTheCall() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    String stream = ROLE + FIRST + FINISH + USAGE + DONE;
    try (FakeUpstream upstream =
        FakeUpstream.start((_, out) -> {
          write(
              out,
              calls.incrementAndGet() == 1
                  ? response("503 No", "text/plain", "busy")
                  : events() + stream);
          out.close();
        })) {
      CallSource.CalledAgent agent = new CallSource.CalledAgent(new UUID(1, 2), "writer", 7);
      ModelStream started =
          Await.result(
              clients.createClient().stream(
                  CallPlan.of(lossy(target(upstream, POLICY), new CompletableFuture<>())),
                  chatRequest(true),
                  clients.context.forAgent(agent)));
      new StreamSubscriber(started.events()).readAll();

      CallRecord call = clients.awaitEnded();
      assertThat(call.source().agent()).contains(agent);
      assertThat(call.source().caller()).isEqualTo(Caller.SERVICE);
      assertThat(call.source().clientDialect()).isEqualTo("openai");
      assertThat(call.operation()).isEqualTo(Operation.CHAT);
      assertThat(call.provider()).isEqualTo("ollama");
      assertThat(call.model()).isEqualTo("m");
      assertThat(call.outcome()).isEqualTo("success");
      assertThat(call.attempts())
          .extracting(AttemptRecord::provider, AttemptRecord::model, AttemptRecord::outcome)
          .containsExactly(tuple("ollama", "m", "refused"), tuple("ollama", "m", "success"));
      assertThat(call.attempts())
          .allSatisfy(it -> assertThat(it.latency()).isPositive().isLessThan(call.duration()));
      assertThat(call.firstContent().orElseThrow())
          .isPositive()
          .isLessThanOrEqualTo(call.duration());
      assertThat(call.usage()).isEqualTo(new TokenUsage(7, 5));
      assertThat(call.finishReason()).contains(FinishReason.STOP);
      assertThat(call.requestBytes()).isEqualTo(upstream.request().body().length());
      assertThat(call.responseBytes()).isEqualTo(stream.length());
      assertThat(call.losses()).containsExactly("A loss.");
      assertThat(call.failure()).isEmpty();
    }
  }

  @Test
  void nonStreamingCallHasNoFirstContent() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(json(COMPLETION))) {
      clients.complete(clients.createClient(), target(upstream, POLICY));

      CallRecord call = clients.awaitEnded();
      assertThat(call.firstContent()).isEmpty();
      assertThat(call.finishReason()).contains(FinishReason.STOP);
      assertThat(call.responseBytes()).isEqualTo(COMPLETION.length());
      assertThat(call.losses()).isEmpty();
      assertThat(call.source().agent()).isEmpty();
    }
  }

  @Test
  void largeResponseIsTranslatedOnAnotherThread() throws Exception {
    String large = COMPLETION.replace("\"Hi\"", "\"" + "x".repeat(100_000) + "\"");
    for (String body : List.of(COMPLETION, large)) {
      CompletableFuture<Thread> translated = new CompletableFuture<>();
      try (FakeUpstream upstream = FakeUpstream.start(json(body))) {
        CallTarget target = lossy(target(upstream, POLICY), translated);
        CompletableFuture<Boolean> completedOnLoop =
            clients
                .createClient()
                .complete(CallPlan.of(target), chatRequest(false), clients.context)
                .thenApply(_ -> clients.context.loop().isCurrent());

        assertThat(Await.result(completedOnLoop)).isTrue();
        assertThat(translated.join().isVirtual()).isEqualTo(body.equals(large));
      }
    }
  }

  /// The same target with a dialect that reports a loss and the thread of the translation.
  private static CallTarget lossy(CallTarget target, CompletableFuture<Thread> translated) {
    CallableProvider provider = target.callable();
    Dialect dialect =
        new Dialect() {
          @Override
          public boolean isNative(Operation operation) {
            return true;
          }

          @Override
          public String vendor() {
            return provider.dialect().vendor();
          }

          @Override
          public ProviderRequest translateRequest(ModelRequest request) {
            ProviderRequest wire = provider.dialect().translateRequest(request);
            return new ProviderRequest(
                wire.path(), wire.headers(), wire.body(), List.of("A loss."));
          }

          @Override
          public CompleteAnswer translateResponse(ModelRequest request, byte[] body, Instant at) {
            translated.complete(Thread.currentThread());
            return provider.dialect().translateResponse(request, body, at);
          }

          @Override
          public StreamReader createStreamReader(
              ModelRequest request, Instant at, MemoryBudget.Reservation memory) {
            return provider.dialect().createStreamReader(request, at, memory);
          }

          @Override
          public StreamReader translateResponseToStream(
              ModelRequest request, byte[] body, Instant at) {
            return provider.dialect().translateResponseToStream(request, body, at);
          }
        };
    return new CallTarget(
        target.provider(),
        target.key(),
        new CallableProvider(
            provider.kind(),
            dialect,
            provider.baseUrl(),
            provider.query(),
            provider.modelListEndpoint(),
            provider.credential()),
        target.model(),
        target.policy());
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
  void cancellationBeforeContentIsReportedOnce() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start((_, out) -> write(out, events() + ROLE))) {
      CompletableFuture<ModelStream> stream =
          clients.createClient().stream(
              CallPlan.of(target(upstream, POLICY)), chatRequest(true), clients.context);
      upstream.request();
      clients.cancellation.cancel();

      assertThatThrownBy(() -> Await.result(stream)).isInstanceOf(ModelCallException.class);
      assertThat(clients.awaitEnded().outcome()).isEqualTo("cancelled");
      assertNoOtherReport("cancelled");
    }
  }

  @Test
  void disconnectAndCancellationAfterContentAreReportedOnce() throws Exception {
    try (FakeUpstream endless = endlessStream(new AtomicLong())) {
      StreamSubscriber caller = clients.stream(endless, POLICY);
      caller.readNext();
      caller.cancel();
      clients.cancellation.cancel();
      caller.cancel();

      assertThat(clients.awaitEnded().outcome()).isEqualTo("cancelled");
      assertThat(endless.disconnect()).isEqualTo(1);
      assertNoOtherReport("cancelled");
    }
  }

  @Test
  void shutdownIsReportedOnceForEachCall() throws Exception {
    try (FakeUpstream silent = FakeUpstream.start((_, _) -> {});
        FakeUpstream endless = endlessStream(new AtomicLong())) {
      CompletableFuture<ModelResponse> response =
          clients
              .createClient()
              .complete(
                  CallPlan.of(target(silent, NO_RETRIES)), chatRequest(false), clients.context);
      silent.request();
      StreamSubscriber caller = clients.stream(endless, NO_RETRIES);
      caller.readNext();
      clients.network.stop(TIMEOUT);

      assertThatThrownBy(() -> Await.result(response)).isInstanceOf(ModelCallException.class);
      assertThat(caller.readAll()).contains("event: error\n");
      assertThat(List.of(clients.awaitEnded().outcome(), clients.awaitEnded().outcome()))
          .containsOnly("broken");
      assertThat(clients.endedCalls).isEmpty();
      assertThat(count("broken")).isEqualTo(2);
    }
  }

  @Test
  void invalidRequestIsNoCall() throws Exception {
    CallTarget gemini = geminiTarget();
    ModelRequest request =
        ModelRequest.parse(
            Operation.CHAT,
            "{\"model\": \"m\", \"messages\": [{\"role\": \"x\"}]}".getBytes(UTF_8));

    assertThatThrownBy(
            () -> clients.createClient().complete(CallPlan.of(gemini), request, clients.context))
        .isInstanceOf(InvalidInputException.class);
    assertThat(clients.endedCalls).isEmpty();
  }

  private static CallTarget geminiTarget() {
    ProviderKinds kinds = ProviderKinds.standard();
    String config = "{\"name\": \"gemini\", \"options\": {\"api_key\": \"k-1\"}}";
    return new CallTarget(
        "gemini",
        "it",
        kinds.build(kinds.parse(ProviderJson.MAPPER.readTree(config))),
        "m",
        NO_RETRIES);
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
  void usageOfABrokenStreamIsEstimated() throws Exception {
    String usage =
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":40}}\n\n";
    try (FakeUpstream complete =
            FakeUpstream.start(
                closeAfter(events() + FIRST.repeat(40) + FINISH + usage + TestModelClients.DONE));
        FakeUpstream broken = FakeUpstream.start(closeAfter(events() + FIRST.repeat(20)))) {
      ModelClient client = clients.createClient();
      for (FakeUpstream upstream : List.of(complete, broken)) {
        StreamSubscriber events =
            clients.subscribe(client, TestModelClients.target(upstream, NO_RETRIES));
        var _ = events.readAll();
      }
      CallRecord reported = clients.awaitEnded();
      CallRecord estimated = clients.awaitEnded();

      assertThat(reported.usageSource()).isEqualTo(CallRecord.UsageSource.REPORTED);
      assertThat(estimated.usageSource()).isEqualTo(CallRecord.UsageSource.ESTIMATED);
      assertThat(estimated.usage().input()).isEqualTo(9);
      assertThat(estimated.usage().output()).isBetween(16L, 20L);
    }
  }

  @Test
  void refusedCallHasNoUsage() throws Exception {
    try (FakeUpstream refusing = FakeUpstream.start(response("500 No", "text/plain", "no"))) {
      var _ = clients.failure(refusing, NO_RETRIES);
      CallRecord call = clients.awaitEnded();

      assertThat(call.usageSource()).isEqualTo(CallRecord.UsageSource.NONE);
      assertThat(call.usage().counts()).isEmpty();
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
            clients.meters,
            new RecordedCalls(),
            _ -> {});
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

  /// Verifies that one call was reported, after everything that the event loop has queued.
  private void assertNoOtherReport(String outcome) {
    Await.result(CompletableFuture.runAsync(() -> {}, clients.context.loop()));
    assertThat(clients.endedCalls).isEmpty();
    assertThat(count(outcome)).isEqualTo(1);
    assertThat(clients.meters.get("agentlab.model.call.duration").timers()).hasSize(1);
  }

  /// A model has its own series from its first success.
  private long count(String outcome) {
    String model = outcome.equals("success") ? "m" : "other";
    return clients
        .meters
        .get("agentlab.model.call.duration")
        .tags("provider", "ollama", "model", model, "outcome", outcome)
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
