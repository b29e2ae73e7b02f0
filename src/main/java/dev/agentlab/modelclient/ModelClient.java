package dev.agentlab.modelclient;

import dev.agentlab.dialects.CompleteAnswer;
import dev.agentlab.dialects.CompletionAsStream;
import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.ProviderErrorException;
import dev.agentlab.dialects.ProviderRequest;
import dev.agentlab.dialects.StreamReader;
import dev.agentlab.dialects.TokenUsage;
import dev.agentlab.kinds.LlmProvider;
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
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Calls models: puts a canonical request to a provider in its own dialect and brings the canonical
/// answer back, whole or as it comes.
///
/// What fails in a way that may pass is tried again, with growing pauses, as long as the caller has
/// been given nothing, the target's policy allows it and so does the provider's retry budget. A
/// provider that keeps failing is left alone for a while.
///
/// Blocks the calling thread, which should be virtual. Safe for all threads.
public final class ModelClient {
  private final Transport network;
  private final ModelClientSettings settings;
  private final InstantSource clock;
  private final ProviderHealth health;
  private final MemoryBudget memory;
  private final ModelCallMetrics metrics;
  private final LongSupplier nanoTime;

  /// @param memory for responses while they are read and while they wait for their reader
  /// @param meters has the metrics of model calls
  public ModelClient(
      Transport network,
      ModelClientSettings settings,
      InstantSource clock,
      MemoryBudget memory,
      MeterRegistry meters) {
    this(network, settings, clock, System::nanoTime, memory, meters);
  }

  /// @param nanoTime measures how long calls take and circuit breakers stay open
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
        .description("providers that are not called now because they failed too often")
        .register(meters);
  }

  /// Asks for a whole answer.
  ///
  /// @param request one that does not stream
  /// @throws dev.agentlab.errors.InvalidInputException if the provider cannot do what it asks for
  /// @throws RelayException if no answer came
  public ModelResponse answer(Target target, ModelRequest request, CallContext context) {
    ProviderRequest wire = target.provider().dialect().translateRequest(request);
    CallRecorder recorder = recorder(target, request, context);
    RetryLoop calls = attempts(target, target.policy().timeout(), context);
    return recorder.call(() ->
        calls.run((attempts, permit) -> {
          recorder.attempt(attempts);
          CompleteAnswer answer = answer(target, request, wire, context.cancellation());
          permit.succeeded();
          recorder.succeeded(answer.usage());
          return new ModelResponse(answer.json(), wire.warnings(), attempts);
        }));
  }

  private CallRecorder recorder(Target target, ModelRequest request, CallContext context) {
    return new CallRecorder(target.name(), request.model(), metrics, context.listener(), nanoTime);
  }

  /// @param limit how long one attempt may take
  private RetryLoop attempts(Target target, Duration limit, CallContext context) {
    return new RetryLoop(target, health.of(target.key()), limit, context.cancellation());
  }

  private CompleteAnswer answer(
      Target target, ModelRequest request, ProviderRequest wire, Cancellation cancellation) {
    LlmProvider provider = target.provider();
    UpstreamResponse response;
    try {
      response =
          transport(provider).send(upstream(provider, wire), whole(target.policy()), cancellation);
    } catch (UpstreamException e) {
      throw new FailedAttemptException(CallFailure.of(e, target.policy()));
    }
    return read(response, request, provider);
  }

  private CompleteAnswer read(
      UpstreamResponse response, ModelRequest request, LlmProvider provider) {
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
        throw new FailedAttemptException(CallFailure.noMemory());
      }
      return provider.dialect().translateResponse(request, bytes, clock.instant());
    } catch (ProviderErrorException e) {
      throw new FailedAttemptException(CallFailure.of(e, provider));
    }
  }

  /// Asks for an answer as it comes. Comes back with its first events, or without if those keep the
  /// caller waiting for long.
  ///
  /// @param request one that streams
  /// @throws dev.agentlab.errors.InvalidInputException if the provider cannot do what it asks for
  /// @throws RelayException if no answer came
  public ModelStream stream(Target target, ModelRequest request, CallContext context) {
    ProviderRequest wire = target.provider().dialect().translateRequest(request);
    CallRecorder recorder = recorder(target, request, context);
    RetryLoop calls = attempts(target, settings.streamTotal(), context);
    return recorder.call(() ->
        calls.run((attempts, permit) -> {
          recorder.attempt(attempts);
          return switch (open(target, wire, context.cancellation())) {
            case UpstreamStream stream -> {
              MemoryBudget.Reservation held = memory.open();
              StreamReader reader =
                  target
                      .provider()
                      .dialect()
                      .createStreamReader(request.expectedStream(), clock.instant(), held);
              Supplier<TokenUsage> usage =
                  () -> reader.usage().map(TokenUsage::of).orElse(TokenUsage.NONE);
              StreamRelay events =
                  relay(reader, held, target, new Settlement(attempts, permit, recorder, usage));
              stream.body().subscribe(events);
              awaitBeginning(events, context.cancellation());
              yield new ModelStream(events, wire.warnings(), attempts);
            }
            case UpstreamResponse response -> {
              CompleteAnswer completion = read(response, request, target.provider());
              byte[] converted = events(request, completion.json(), target.provider());
              MemoryBudget.Reservation held = memory.open();
              StreamRelay events =
                  relay(
                      CompletionAsStream.reader(request.expectedStream(), held),
                      held,
                      target,
                      new Settlement(attempts, permit, recorder, completion::usage));
              events.onNext(converted);
              events.onComplete();
              List<String> warnings = new ArrayList<>(wire.warnings());
              warnings.add("The provider gave the answer whole instead of streaming it.");
              yield new ModelStream(events, warnings, attempts);
            }
          };
        }));
  }

  /// What the end of one attempt at a stream is reported to.
  private static final class Settlement {
    private final int number;
    private final Permit permit;
    private final CallRecorder recorder;
    private final Supplier<TokenUsage> usage;
    private volatile TokenUsage tokens = TokenUsage.NONE;

    /// @param number of the attempt
    /// @param usage of the stream; belongs to the thread that reads it
    Settlement(int number, Permit permit, CallRecorder recorder, Supplier<TokenUsage> usage) {
      this.number = number;
      this.permit = permit;
      this.recorder = recorder;
      this.usage = usage;
    }

    /// Takes how the provider's stream ended.
    ///
    /// @param failure empty if the answer is whole
    void settle(Optional<CallFailure> failure) {
      // The caller's thread cancels, while another may read the stream.
      if (failure.filter(it -> it.kind() == Kind.CANCELLED).isEmpty()) {
        tokens = usage.get();
      }
      failure.ifPresentOrElse(it -> it.report(permit), permit::succeeded);
    }

    /// Takes how the stream ended for the caller, who may have left before the last event.
    ///
    /// @param failure empty if the answer is whole
    void report(Optional<CallFailure> failure) {
      failure.ifPresentOrElse(
          it -> recorder.failed(it.toException(number), tokens), () -> recorder.succeeded(tokens));
    }
  }

  private Transport.Opened open(Target target, ProviderRequest wire, Cancellation cancellation) {
    LlmProvider provider = target.provider();
    try {
      return transport(provider)
          .open(upstream(provider, wire), stream(target.policy()), cancellation);
    } catch (UpstreamException e) {
      throw new FailedAttemptException(CallFailure.of(e, target.policy()));
    }
  }

  private byte[] events(ModelRequest request, byte[] completion, LlmProvider provider) {
    try (MemoryBudget.Reservation reading = memory.open()) {
      return CompletionAsStream.of(request, completion, reading);
    } catch (ProviderErrorException e) {
      throw new FailedAttemptException(CallFailure.of(e, provider));
    }
  }

  private static StreamRelay relay(
      StreamReader reader, MemoryBudget.Reservation held, Target target, Settlement settlement) {
    return new StreamRelay(
        reader,
        held,
        new StreamRelay.Voice(
            fault -> CallFailure.of(fault, target.provider()),
            e -> CallFailure.of(e, target.policy()),
            ErrorEvent::of,
            settlement.recorder::content,
            settlement::settle,
            settlement::report));
  }

  private void awaitBeginning(StreamRelay relay, Cancellation cancellation) {
    CompletableFuture<Optional<CallFailure>> begun = relay.begun();
    Runnable forget =
        cancellation.onCancel(() -> {
          begun.complete(Optional.of(CallFailure.cancelled()));
          relay.cancel();
        });
    try {
      begun.get(settings.patience().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      begun.complete(Optional.empty());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      relay.cancel();
      begun.complete(Optional.of(CallFailure.cancelled()));
    } catch (ExecutionException e) {
      throw new AssertionError("never fails", e);
    } finally {
      forget.run();
    }
    Optional<CallFailure> failure = begun.join();
    if (failure.isPresent()) {
      throw new FailedAttemptException(failure.get());
    }
  }

  private Transport transport(LlmProvider provider) {
    return provider.transport().orElse(network);
  }

  private static UpstreamRequest upstream(LlmProvider provider, ProviderRequest wire) {
    URI url = provider.url(wire.path());
    return UpstreamRequest.post(
        url, provider.authenticationHeaders("POST", url, wire.body()), wire.headers(), wire.body());
  }

  private UpstreamLimits whole(CallPolicy policy) {
    Duration timeout = policy.timeout();
    return new UpstreamLimits(
        settings.resolve(),
        policy.connectTimeout(),
        timeout,
        timeout,
        timeout,
        settings.answerBytes(),
        policy.connections());
  }

  private UpstreamLimits stream(CallPolicy policy) {
    return new UpstreamLimits(
        settings.resolve(),
        policy.connectTimeout(),
        policy.timeout(),
        settings.streamIdle(),
        settings.streamTotal(),
        settings.answerBytes(),
        policy.connections());
  }
}
