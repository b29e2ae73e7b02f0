package dev.agentlab.modelclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.upstream.CallTimings;
import dev.agentlab.upstream.Cancellation;
import dev.agentlab.upstream.Origin;
import dev.agentlab.upstream.Transport;
import dev.agentlab.upstream.UpstreamException;
import dev.agentlab.upstream.UpstreamLimits;
import dev.agentlab.upstream.UpstreamRequest;
import dev.agentlab.upstream.UpstreamResponse;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/// Which timeouts a call has: those of the service, the provider and the agent.
class CallTimeoutsTest {
  private static final Duration HEAD = Duration.ofMinutes(10);
  private static final Duration IDLE = Duration.ofMinutes(5);
  private static final Duration TOTAL = Duration.ofMinutes(60);

  private final EventLoops loops = new EventLoops();
  private final RecordingTransport network = new RecordingTransport();
  private final ModelClient client =
      new ModelClient(
          network,
          new ModelClientSettings(
              Duration.ofSeconds(5), HEAD, IDLE, TOTAL, Duration.ofSeconds(10), 1 << 20),
          InstantSource.system(),
          new MemoryBudget(8 << 20),
          new SimpleMeterRegistry(),
          new RecordedCalls(),
          _ -> {});

  @AfterEach
  void stop() throws Exception {
    loops.stop(Duration.ofSeconds(5));
  }

  @Test
  void timeoutOfAgentEndsOnlyTheWaitForTheFirstByteOfAStream() throws Exception {
    Duration timeout = CallPolicy.DEFAULT.timeout();

    assertTimeouts(limits(true, timeout, options()), timeout, IDLE, TOTAL);
    assertTimeouts(limits(false, timeout, options()), timeout, timeout, timeout);
  }

  @Test
  void timeoutsOfTheServiceBoundALongerTimeoutOfAnAgent() throws Exception {
    Duration timeout = Duration.ofHours(2);

    assertTimeouts(limits(true, timeout, options()), HEAD, IDLE, TOTAL);
    assertTimeouts(limits(false, timeout, options()), HEAD, TOTAL, TOTAL);
  }

  @Test
  void timeoutsOfTheProviderReplaceThoseOfTheService() throws Exception {
    ObjectNode shorter =
        options().put("head_timeout", "1m").put("idle_timeout", "20s").put("total_timeout", "90s");
    ObjectNode longer =
        options().put("head_timeout", "30m").put("idle_timeout", "20m").put("total_timeout", "3h");
    Duration timeout = Duration.ofMinutes(2);

    assertTimeouts(
        limits(true, timeout, shorter),
        Duration.ofMinutes(1),
        Duration.ofSeconds(20),
        Duration.ofSeconds(90));
    assertTimeouts(
        limits(false, timeout, shorter),
        Duration.ofMinutes(1),
        Duration.ofSeconds(90),
        Duration.ofSeconds(90));
    assertTimeouts(
        limits(true, timeout, longer), timeout, Duration.ofMinutes(20), Duration.ofHours(3));
    assertTimeouts(
        limits(true, Duration.ofHours(1), longer),
        Duration.ofMinutes(30),
        Duration.ofMinutes(20),
        Duration.ofHours(3));
  }

  private static void assertTimeouts(
      UpstreamLimits limits, Duration firstByte, Duration idle, Duration total) {
    assertThat(limits.firstByteTimeout()).isEqualTo(firstByte);
    assertThat(limits.idleTimeout()).isEqualTo(idle);
    assertThat(limits.totalTimeout()).isEqualTo(total);
  }

  private static ObjectNode options() {
    return ProviderJson.MAPPER.createObjectNode().put("api_key", "sk-0123456789");
  }

  /// The limits of a call.
  ///
  /// @param timeout of the agent
  /// @param options of the provider
  private UpstreamLimits limits(boolean stream, Duration timeout, ObjectNode options)
      throws InterruptedException {
    ObjectNode config = ProviderJson.MAPPER.createObjectNode().put("name", "openai");
    config.set("options", options);
    ProviderKinds kinds = ProviderKinds.standard();
    CallPolicy policy = new CallPolicy(timeout, TestModelClients.NO_RETRIES.retry(), 10, timeout);
    CallPlan plan =
        CallPlan.of(new CallTarget("openai", "it", kinds.build(kinds.parse(config)), "m", policy));
    CallContext context = TestModelClients.unobserved(loops);
    CompletableFuture<?> call =
        stream
            ? client.stream(plan, TestModelClients.chatRequest(true), context)
            : client.complete(plan, TestModelClients.chatRequest(false), context);
    assertThat(catchThrowable(call::join)).hasCauseInstanceOf(ModelCallException.class);
    UpstreamLimits limits = network.limits.poll(10, TimeUnit.SECONDS);
    if (limits == null) {
      throw new AssertionError("no call was started");
    }
    return limits;
  }

  /// Records the limits of each call, which then fails.
  private static final class RecordingTransport implements Transport {
    private final BlockingQueue<UpstreamLimits> limits = new LinkedBlockingQueue<>();

    @Override
    public CompletableFuture<Result> start(
        EventLoop loop, UpstreamRequest request, UpstreamLimits given, Cancellation cancellation) {
      limits.add(given);
      return CompletableFuture.failedFuture(
          new UpstreamException(
              Origin.of(request.url()),
              UpstreamException.Kind.CANCELLED,
              new CallTimings(Duration.ZERO, Duration.ZERO, Duration.ZERO)));
    }

    @Override
    public UpstreamResponse send(
        UpstreamRequest request, UpstreamLimits given, Cancellation cancellation) {
      throw new UnsupportedOperationException();
    }
  }
}
