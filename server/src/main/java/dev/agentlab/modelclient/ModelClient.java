package dev.agentlab.modelclient;

import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.dialects.CompleteAnswer;
import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.ProviderErrorException;
import dev.agentlab.dialects.ProviderRequest;
import dev.agentlab.dialects.StreamReader;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.memory.JsonFootprint;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.modelclient.CircuitBreaker.Permit;
import dev.agentlab.modelclient.ModelCallException.Kind;
import dev.agentlab.upstream.Cancellation;
import dev.agentlab.upstream.Transport;
import dev.agentlab.upstream.UpstreamException;
import dev.agentlab.upstream.UpstreamLimits;
import dev.agentlab.upstream.UpstreamRequest;
import dev.agentlab.upstream.UpstreamResponse;
import dev.agentlab.upstream.UpstreamStream;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Calls models. Translates a canonical request to the dialect of the provider, and the response to
/// a canonical response or stream.
///
/// Retries transient failures with a growing backoff while the caller has received nothing, within
/// the retry policy of the target and the retry budget of the provider. A circuit breaker rejects
/// calls to a provider that keeps failing.
///
/// Blocks the calling thread, which should be virtual. Thread-safe.
public final class ModelClient {
  private final Transport network;
  private final ModelClientSettings settings;
  private final InstantSource clock;
  private final ProviderHealth health;
  private final MemoryBudget memory;
  private final ModelCallMetrics metrics;
  private final LongSupplier nanoTime;

  /// @param memory for responses while they are read and queued
  /// @param meters registry of the metrics of model calls
  public ModelClient(
      Transport network,
      ModelClientSettings settings,
      InstantSource clock,
      MemoryBudget memory,
      MeterRegistry meters) {
    this(network, settings, clock, System::nanoTime, memory, meters);
  }

  /// @param nanoTime measures the duration of calls and of open circuit breakers
  ModelClient(
      Transport network,
      ModelClientSettings settings,
      InstantSource clock,
      LongSupplier nanoTime,
      MemoryBudget memory,
      MeterRegistry meters) {
    this.network = network;
    this.settings = settings;
    this.clock = clock;
    this.health = new ProviderHealth(() -> new CircuitBreaker(nanoTime, clock));
    this.memory = memory;
    this.metrics = new ModelCallMetrics(meters, nanoTime);
    this.nanoTime = nanoTime;
    Gauge.builder("agentlab.open.circuit.breakers", health, ProviderHealth::openBreakers)
        .description("providers whose circuit breaker is open")
        .register(meters);
  }

  /// Sends a request for a non-streaming response.
  ///
  /// @param request a non-streaming request
  /// @throws dev.agentlab.errors.InvalidInputException if the provider does not support the request
  /// @throws ModelCallException if there is no response
  public ModelResponse complete(Target target, ModelRequest request, CallContext context) {
    ProviderRequest wire = target.provider().dialect().translateRequest(request);
    CallRecorder recorder = recorder(target, request, context);
    RetryLoop retries = retryLoop(target, target.policy().timeout(), context);
    return recorder.call(() ->
        retries.run((attempt, permit) -> {
          recorder.recordAttempt(attempt);
          CompleteAnswer completion = complete(target, request, wire, context.cancellation());
          permit.succeed();
          recorder.recordSuccess(completion.usage());
          return new ModelResponse(completion.json(), wire.warnings(), attempt);
        }));
  }

  private CallRecorder recorder(Target target, ModelRequest request, CallContext context) {
    return new CallRecorder(target.name(), request.model(), metrics, context.listener(), nanoTime);
  }

  /// @param limit maximum duration of one attempt
  private RetryLoop retryLoop(Target target, Duration limit, CallContext context) {
    return new RetryLoop(target, health.get(target.key()), limit, context.cancellation());
  }

  private CompleteAnswer complete(
      Target target, ModelRequest request, ProviderRequest wire, Cancellation cancellation) {
    CallableProvider provider = target.provider();
    UpstreamResponse response;
    try {
      response =
          transport(provider)
              .send(upstreamRequest(provider, wire), responseLimits(target.policy()), cancellation);
    } catch (UpstreamException e) {
      throw new FailedAttemptException(CallFailure.of(e, target.policy()));
    }
    return readResponse(
        response,
        provider,
        bytes -> provider.dialect().translateResponse(request, bytes, clock.instant()));
  }

  private <T> T readResponse(
      UpstreamResponse response, CallableProvider provider, Function<byte[], T> read) {
    if (response.status() != 200) {
      throw new FailedAttemptException(CallFailure.of(response, provider, clock.instant()));
    }
    byte[] bytes = response.bytes();
    long footprint = JsonFootprint.of(bytes);
    try (MemoryBudget.Reservation reading = memory.open()) {
      if (reading.exceedsBudget(footprint)) {
        throw new FailedAttemptException(CallFailure.tooLarge());
      }
      if (!reading.tryGrow(footprint)) {
        throw new FailedAttemptException(CallFailure.outOfMemory());
      }
      return read.apply(bytes);
    } catch (ProviderErrorException e) {
      throw new FailedAttemptException(CallFailure.of(e, provider));
    }
  }

  /// Sends a request for a stream. Returns after the first events, or without events if those take
  /// longer than [ModelClientSettings#firstEventWait].
  ///
  /// @param request a streaming request
  /// @throws dev.agentlab.errors.InvalidInputException if the provider does not support the request
  /// @throws ModelCallException if there is no response
  public ModelStream stream(Target target, ModelRequest request, CallContext context) {
    ProviderRequest wire = target.provider().dialect().translateRequest(request);
    CallRecorder recorder = recorder(target, request, context);
    RetryLoop retries = retryLoop(target, settings.streamTimeout(), context);
    return recorder.call(() ->
        retries.run((attempt, permit) -> {
          recorder.recordAttempt(attempt);
          return switch (open(target, wire, context.cancellation())) {
            case UpstreamStream stream -> {
              MemoryBudget.Reservation reservation = memory.open();
              StreamReader reader =
                  target
                      .provider()
                      .dialect()
                      .createStreamReader(request.expectedStream(), clock.instant(), reservation);
              StreamRelay events =
                  createRelay(
                      reader,
                      reservation,
                      target,
                      new AttemptReport(attempt, permit, recorder, reader::usage));
              stream.body().subscribe(events);
              awaitFirstEvent(events, context.cancellation());
              yield new ModelStream(events, wire.warnings(), attempt);
            }
            case UpstreamResponse response -> {
              StreamReader reader =
                  readResponse(
                      response,
                      target.provider(),
                      bytes ->
                          target
                              .provider()
                              .dialect()
                              .translateResponseToStream(request, bytes, clock.instant()));
              StreamRelay events =
                  createRelay(
                      reader,
                      memory.open(),
                      target,
                      new AttemptReport(attempt, permit, recorder, reader::usage));
              events.onComplete();
              List<String> warnings = new ArrayList<>(wire.warnings());
              warnings.add("The provider returned a non-streaming response instead of a stream.");
              yield new ModelStream(events, warnings, attempt);
            }
          };
        }));
  }

  /// Reports the end of one streaming attempt to the circuit breaker and the recorder.
  private static final class AttemptReport {
    private final int attempt;
    private final Permit permit;
    private final CallRecorder recorder;
    private final Supplier<TokenUsage> usage;
    private volatile TokenUsage tokens = TokenUsage.NONE;

    /// @param attempt the number of the attempt
    /// @param usage the usage of the stream; confined to the thread that reads the stream
    AttemptReport(int attempt, Permit permit, CallRecorder recorder, Supplier<TokenUsage> usage) {
      this.attempt = attempt;
      this.permit = permit;
      this.recorder = recorder;
      this.usage = usage;
    }

    /// Reports the end of the provider stream.
    ///
    /// @param failure empty if the response is complete
    void reportSourceEnd(Optional<CallFailure> failure) {
      // The thread of the caller cancels, while another thread may read the stream.
      if (failure.filter(it -> it.kind() == Kind.CANCELLED).isEmpty()) {
        tokens = usage.get();
      }
      failure.ifPresentOrElse(it -> it.report(permit), permit::succeed);
    }

    /// Reports the end of the stream for the caller, who may have disconnected before the last
    /// event.
    ///
    /// @param failure empty if the response is complete
    void reportStreamEnd(Optional<CallFailure> failure) {
      failure.ifPresentOrElse(
          it -> recorder.recordFailure(it.toException(attempt), tokens),
          () -> recorder.recordSuccess(tokens));
    }
  }

  private Transport.Result open(Target target, ProviderRequest wire, Cancellation cancellation) {
    CallableProvider provider = target.provider();
    try {
      return transport(provider)
          .open(upstreamRequest(provider, wire), streamLimits(target.policy()), cancellation);
    } catch (UpstreamException e) {
      throw new FailedAttemptException(CallFailure.of(e, target.policy()));
    }
  }

  private static StreamRelay createRelay(
      StreamReader reader,
      MemoryBudget.Reservation reservation,
      Target target,
      AttemptReport settlement) {
    return new StreamRelay(
        reader,
        reservation,
        new StreamRelay.StreamListener(
            error -> CallFailure.of(error, target.provider()),
            e -> CallFailure.of(e, target.policy()),
            ErrorEvent::of,
            settlement.recorder::recordContent,
            settlement::reportSourceEnd,
            settlement::reportStreamEnd));
  }

  private void awaitFirstEvent(StreamRelay relay, Cancellation cancellation) {
    CompletableFuture<Optional<CallFailure>> begun = relay.started();
    Runnable unregister =
        cancellation.onCancel(() -> {
          begun.complete(Optional.of(CallFailure.cancelled()));
          relay.cancel();
        });
    try {
      begun.get(settings.firstEventWait().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      begun.complete(Optional.empty());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      relay.cancel();
      begun.complete(Optional.of(CallFailure.cancelled()));
    } catch (ExecutionException e) {
      throw new AssertionError("the future never fails", e);
    } finally {
      unregister.run();
    }
    Optional<CallFailure> failure = begun.join();
    if (failure.isPresent()) {
      throw new FailedAttemptException(failure.get());
    }
  }

  private Transport transport(CallableProvider provider) {
    return provider.transport().orElse(network);
  }

  private static UpstreamRequest upstreamRequest(CallableProvider provider, ProviderRequest wire) {
    URI url = provider.url(wire.path());
    return UpstreamRequest.post(
        url, provider.authenticationHeaders("POST", url, wire.body()), wire.headers(), wire.body());
  }

  private UpstreamLimits responseLimits(CallPolicy policy) {
    Duration timeout = policy.timeout();
    return new UpstreamLimits(
        settings.resolveTimeout(),
        policy.connectTimeout(),
        timeout,
        timeout,
        timeout,
        settings.maxResponseBytes(),
        policy.maxIdleConnections());
  }

  private UpstreamLimits streamLimits(CallPolicy policy) {
    return new UpstreamLimits(
        settings.resolveTimeout(),
        policy.connectTimeout(),
        policy.timeout(),
        settings.streamIdleTimeout(),
        settings.streamTimeout(),
        settings.maxResponseBytes(),
        policy.maxIdleConnections());
  }
}
