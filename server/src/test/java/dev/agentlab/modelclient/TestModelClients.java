package dev.agentlab.modelclient;

import static dev.agentlab.testing.FakeUpstream.events;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.security.Caller;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.upstream.Cancellation;
import dev.agentlab.upstream.EgressPolicy;
import dev.agentlab.upstream.Resolver;
import dev.agentlab.upstream.UpstreamClient;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/// Creates model clients, and contains the shared requests, targets and responses of the tests.
final class TestModelClients implements AutoCloseable {
  static final String COMPLETION =
      """
      {"id":"c1", "choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},\
      "finish_reason":"stop"}], "odd":1.50, "usage":{"prompt_tokens":1}}\
      """;

  static final String FIRST =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"H\"},\"finish_reason\":null}]}\n\n";

  static final String FINISH =
      "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\r\n\r\n";

  static final String DONE = "data: [DONE]\n\n";

  static final String KEY = "sk-canary-0123456789abcdef";

  static final Duration TIMEOUT = Duration.ofSeconds(20);

  static final RetryPolicy THREE_RETRIES =
      new RetryPolicy(3, Duration.ofMillis(1), Duration.ofMillis(50), 2, true);

  static final CallPolicy POLICY = new CallPolicy(TIMEOUT, THREE_RETRIES, 10, TIMEOUT);

  static final CallPolicy NO_RETRIES =
      new CallPolicy(
          TIMEOUT, new RetryPolicy(0, Duration.ZERO, Duration.ZERO, 1, false), 10, TIMEOUT);

  static final CallSource SOURCE =
      new CallSource(Caller.SERVICE, Optional.empty(), "openai", CallLabels.of("request-1"));

  static final byte[] REQUEST =
      """
      {"model": "m", "messages": [{"role":"user", "content":"Hello"}], "unknown": 1.0}\
      """
          .getBytes(StandardCharsets.UTF_8);

  /// What the ledger of the clients has.
  final RecordedCalls recorded = new RecordedCalls();

  final EventLoops loops = new EventLoops();

  final UpstreamClient network =
      new UpstreamClient(
          loops,
          new EgressPolicy(true, List.of()),
          Resolver.system(),
          TIMEOUT,
          new MemoryBudget(64 << 20));

  final Cancellation cancellation = new Cancellation();
  final BlockingQueue<CallRecord> endedCalls = new LinkedBlockingQueue<>();
  final CallContext context =
      new CallContext(
          loops.current(),
          SOURCE,
          cancellation,
          endedCalls::add,
          (failure, _) -> ErrorEvent.of(failure),
          ResponseKeeper.NONE);
  final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  @Override
  public void close() throws TimeoutException {
    network.stop(Duration.ofSeconds(5));
    loops.stop(Duration.ofSeconds(5));
  }

  /// The context of a call without cancellation and listener.
  static CallContext unobserved(EventLoops loops) {
    return new CallContext(
        loops.current(),
        SOURCE,
        new Cancellation(),
        _ -> {},
        (failure, _) -> ErrorEvent.of(failure),
        ResponseKeeper.NONE);
  }

  static ModelRequest chatRequest(boolean stream) {
    return stream
        ? ModelRequest.of(
            Operation.CHAT,
            ProviderJson.MAPPER.createObjectNode().put("model", "m").put("stream", true))
        : ModelRequest.parse(Operation.CHAT, REQUEST);
  }

  ModelClient createClient() {
    return createClient(TIMEOUT, TIMEOUT, TIMEOUT);
  }

  ModelClient createClient(InstantSource clock) {
    return createClient(TIMEOUT, TIMEOUT, TIMEOUT, clock);
  }

  ModelClient createClient(Duration idle, Duration total, Duration patience) {
    return createClient(idle, total, patience, InstantSource.system());
  }

  private ModelClient createClient(
      Duration idle, Duration total, Duration patience, InstantSource clock) {
    return new ModelClient(
        network,
        new ModelClientSettings(TIMEOUT, TIMEOUT, idle, total, patience, 1 << 20),
        clock,
        new MemoryBudget(8 << 20),
        meters,
        recorded,
        _ -> {});
  }

  ModelClient createClient(ManualClock clock) {
    return new ModelClient(
        network,
        new ModelClientSettings(TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, 1 << 20),
        clock,
        clock,
        new MemoryBudget(64 << 20),
        meters,
        recorded,
        _ -> {});
  }

  /// A plan without a route.
  static CallPlan plan(CallTarget... targets) {
    return new CallPlan(Stream.of(targets).map(PlannedTarget::of).toList(), Optional.empty());
  }

  static CallTarget target(FakeUpstream upstream, CallPolicy policy) {
    return target(upstream.url("").toString(), policy);
  }

  static CallTarget target(String url, CallPolicy policy) {
    ProviderKinds kinds = ProviderKinds.standard();
    String config =
        """
        {"name": "ollama", "base_url": "%s",
         "options": {"auth_type": "bearer", "token": "%s"}}
        """
            .formatted(url, KEY);
    return new CallTarget(
        "ollama",
        "it",
        kinds.build(kinds.parse(ProviderJson.MAPPER.readTree(config))),
        "m",
        policy);
  }

  /// Sends the chat request to one target, and waits for the response.
  ModelResponse complete(ModelClient client, CallTarget target) {
    return complete(client, CallPlan.of(target));
  }

  ModelResponse complete(ModelClient client, CallPlan plan) {
    return Await.result(client.complete(plan, chatRequest(false), context));
  }

  /// Sends the streaming chat request to one target, and waits for the start of the stream.
  ModelStream stream(ModelClient client, CallTarget target) {
    return stream(client, CallPlan.of(target));
  }

  ModelStream stream(ModelClient client, CallPlan plan) {
    return Await.result(client.stream(plan, chatRequest(true), context));
  }

  StreamSubscriber subscribe(ModelClient client, CallTarget target) {
    return new StreamSubscriber(stream(client, target).events());
  }

  StreamSubscriber stream(FakeUpstream upstream, CallPolicy policy) {
    return subscribe(createClient(), target(upstream, policy));
  }

  ModelCallException failure(FakeUpstream upstream, CallPolicy policy) {
    return failureOf(createClient(), target(upstream, policy));
  }

  ModelCallException failureOf(ModelClient client, CallTarget target) {
    return catchThrowableOfType(ModelCallException.class, () -> complete(client, target));
  }

  ModelCallException streamFailure(FakeUpstream upstream, CallPolicy policy) {
    return catchThrowableOfType(
        ModelCallException.class, () -> stream(createClient(), target(upstream, policy)));
  }

  /// The record of the next call that has ended.
  CallRecord awaitEnded() throws InterruptedException {
    CallRecord call = endedCalls.poll(10, TimeUnit.SECONDS);
    if (call == null) {
      throw new AssertionError("no call ended");
    }
    return call;
  }

  static FakeUpstream.Script closeAfter(String bytes) {
    return (_, out) -> {
      write(out, bytes);
      out.close();
    };
  }

  static FakeUpstream endlessStream(AtomicLong sent) {
    String many = FIRST.repeat(1_000);
    return FakeUpstream.start((_, out) -> {
      write(out, events());
      while (true) {
        write(out, many);
        sent.addAndGet(many.length());
      }
    });
  }

  static void write(OutputStream out, String text) throws java.io.IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
