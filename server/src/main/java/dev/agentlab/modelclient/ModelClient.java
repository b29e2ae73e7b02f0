package dev.agentlab.modelclient;

import dev.agentlab.dialects.CompleteAnswer;
import dev.agentlab.dialects.Dialect;
import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.dialects.ProviderErrorException;
import dev.agentlab.dialects.ProviderRequest;
import dev.agentlab.dialects.StreamReader;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.eventloop.Completions;
import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.memory.JsonFootprint;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.modelclient.CircuitBreaker.Permit;
import dev.agentlab.upstream.NetworkOptions;
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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Calls models. Translates the request of a client to the dialect of a provider, and the response
/// to the dialect of the client.
///
/// A call runs on the event loop of its context and never blocks. It tries the targets of its plan
/// in order while the caller has received no content; see [RetryLoop]. Every call reports its
/// [CallRecord] once. Thread-safe.
public final class ModelClient {
  private static final Duration TRANSLATION_RETRY_AFTER = Duration.ofSeconds(1);

  private final Transport network;
  private final ModelClientSettings settings;
  private final InstantSource clock;
  private final TargetHealth health;
  private final MemoryBudget memory;
  private final ModelCallMetrics metrics;
  private final CallListener listener;
  private final LongSupplier nanoTime;

  /// @param memory for responses while they are read and queued
  /// @param meters registry of the metrics of model calls
  /// @param listener receives the record of every call
  public ModelClient(
      Transport network,
      ModelClientSettings settings,
      InstantSource clock,
      MemoryBudget memory,
      MeterRegistry meters,
      CallListener listener) {
    this(network, settings, clock, System::nanoTime, memory, meters, listener);
  }

  /// @param nanoTime measures the duration of calls and of open circuit breakers
  ModelClient(
      Transport network,
      ModelClientSettings settings,
      InstantSource clock,
      LongSupplier nanoTime,
      MemoryBudget memory,
      MeterRegistry meters,
      CallListener listener) {
    this.network = network;
    this.settings = settings;
    this.clock = clock;
    this.health = new TargetHealth(() -> new CircuitBreaker(nanoTime, clock));
    this.memory = memory;
    this.metrics = new ModelCallMetrics(meters, nanoTime);
    this.listener = listener;
    this.nanoTime = nanoTime;
    Gauge.builder("agentlab.open.circuit.breakers", health, TargetHealth::openBreakers)
        .description("circuit breakers that are open, one for each provider, credential and model")
        .register(meters);
  }

  /// The circuit breakers that reject calls now.
  public List<OpenBreaker> openBreakers() {
    return health.openBreakerList();
  }

  /// Sends a request for a non-streaming response.
  ///
  /// @param request a non-streaming request
  /// @return completed on the event loop; fails with a [ModelCallException] if there is no response
  /// @throws InvalidInputException if the first target does not support the request
  public CompletableFuture<ModelResponse> complete(
      CallPlan plan, ModelRequest request, CallContext context) {
    CallRecorder recorder = recorder(plan, request, false, context);
    return new RetryLoop<ModelResponse>(
            plan,
            context,
            health,
            recorder,
            target -> translate(target, request),
            target -> responseLimits(target).totalTimeout(),
            (target, wire, permit) -> complete(target, request, wire, permit, context, recorder))
        .start();
  }

  /// Forwards a request as it is, in a single attempt, and passes the response on as it arrives.
  ///
  /// @return completed on the event loop; fails with a [ModelCallException] if there is no
  ///   response; an error of the provider is a response
  public CompletableFuture<RawResponse> forward(
      CallTarget target, RawRequest request, CallContext context) {
    return new RawCall(
            target.callable().transport().orElse(network),
            target,
            request,
            streamLimits(target),
            context,
            health.get(target).breaker(),
            recorder(target, request.operation(), false, context),
            memory,
            clock)
        .start();
  }

  private CallRecorder recorder(
      CallPlan plan, ModelRequest request, boolean streamed, CallContext context) {
    return recorder(plan.targets().getFirst(), request.operation(), streamed, context);
  }

  private CallRecorder recorder(
      CallTarget first, Operation operation, boolean streamed, CallContext context) {
    return new CallRecorder(
        context.source(),
        operation,
        streamed,
        first,
        List.of(metrics, listener, context.listener()),
        nanoTime);
  }

  private CompletableFuture<ModelResponse> complete(
      CallTarget target,
      ModelRequest request,
      ProviderRequest wire,
      Permit permit,
      CallContext context,
      CallRecorder recorder) {
    return start(target, wire, false, responseLimits(target), context)
        .thenCompose(result ->
            switch (result) {
              case UpstreamResponse response -> {
                recorder.addResponseBytes(response.bytes().length);
                yield translateResponse(response, request, target, context.loop())
                    .thenApply(answer -> {
                      permit.succeed();
                      recorder.recordResponse(answer.usage(), answer.finishReason());
                      int attempts = recorder.attempts();
                      recorder.succeed();
                      return new ModelResponse(
                          answer.json(),
                          target,
                          wire.warnings(),
                          attempts,
                          vendorHeaders(request, target, response.headers()));
                    });
              }
              case UpstreamStream _ -> throw new AssertionError("a stream was not accepted");
            });
  }

  private static Map<String, String> vendorHeaders(
      ModelRequest request, CallTarget target, Map<String, String> headers) {
    return target.callable().dialect().isNative(request.operation()) ? headers : Map.of();
  }

  /// Translates a request for a target.
  ///
  /// @throws InvalidInputException if the target does not support the request
  /// @throws UnavailableException if there is no memory for the translation
  private ProviderRequest translate(CallTarget target, ModelRequest request) {
    ModelRequest named = request.withModel(target.model());
    Dialect dialect = target.callable().dialect();
    if (dialect.isNative(named.operation()) || !named.isReceived()) {
      return dialect.translateRequest(named);
    }
    try (MemoryBudget.Reservation translating = memory.open()) {
      long footprint = JsonFootprint.of(named.bytes());
      if (translating.exceedsBudget(footprint)) {
        throw new InvalidInputException(
            "body",
            "takes %d bytes of memory to translate, which exceeds the memory budget for all requests"
                .formatted(footprint));
      }
      if (!translating.tryGrow(footprint)) {
        throw new UnavailableException(
            "the service has no memory left to translate the request", TRANSLATION_RETRY_AFTER);
      }
      return dialect.translateRequest(named);
    }
  }

  /// Starts an attempt. A large request is authenticated on another thread, because a signature
  /// covers all of it.
  ///
  /// @return fails with a [FailedAttemptException]
  private CompletableFuture<Transport.Result> start(
      CallTarget target,
      ProviderRequest wire,
      boolean acceptsStream,
      UpstreamLimits limits,
      CallContext context) {
    Transport transport = target.callable().transport().orElse(network);
    Supplier<UpstreamRequest> request = () -> upstreamRequest(target, wire, acceptsStream);
    return context
        .loop()
        .compute(wire.body().length, request)
        .thenCompose(it -> transport.start(context.loop(), it, limits, context.cancellation()))
        .exceptionally(thrown -> {
          throw failedAttempt(thrown, target.policy());
        });
  }

  private static RuntimeException failedAttempt(Throwable thrown, CallPolicy policy) {
    Throwable cause = Completions.cause(thrown);
    return cause instanceof UpstreamException e
        ? new FailedAttemptException(FailureClassifier.of(e, policy))
        : new CompletionException(cause);
  }

  private CompletableFuture<CompleteAnswer> translateResponse(
      UpstreamResponse response, ModelRequest request, CallTarget target, EventLoop loop) {
    CallableProvider provider = target.callable();
    return read(
        response,
        target,
        loop,
        bytes ->
            provider
                .dialect()
                .scanResponse(request, bytes)
                .orElseGet(() ->
                    readWithinMemory(
                        bytes,
                        provider,
                        () ->
                            provider
                                .dialect()
                                .translateResponse(request, bytes, clock.instant()))));
  }

  /// Reads a complete response: on the event loop, or on another thread if it is large.
  ///
  /// @return fails with a [FailedAttemptException]
  private <T> CompletableFuture<T> read(
      UpstreamResponse response, CallTarget target, EventLoop loop, Function<byte[], T> reader) {
    Supplier<T> reading =
        () -> {
          if (response.status() != 200) {
            throw new FailedAttemptException(
                FailureClassifier.of(response, target.callable(), clock.instant()));
          }
          return reader.apply(response.bytes());
        };
    return loop.compute(response.bytes().length, reading);
  }

  /// Reads a response as trees.
  private <T> T readWithinMemory(byte[] bytes, CallableProvider provider, Supplier<T> reader) {
    long footprint = JsonFootprint.of(bytes);
    try (MemoryBudget.Reservation reading = memory.open()) {
      if (reading.exceedsBudget(footprint)) {
        throw new FailedAttemptException(FailureClassifier.tooLarge());
      }
      if (!reading.tryGrow(footprint)) {
        throw new FailedAttemptException(FailureClassifier.outOfMemory());
      }
      return reader.get();
    } catch (ProviderErrorException e) {
      throw new FailedAttemptException(FailureClassifier.of(e, provider));
    }
  }

  /// Sends a request for a stream. The result is completed with the first content, or without
  /// content after [ModelClientSettings#firstEventWait].
  ///
  /// @param request a streaming request
  /// @return completed on the event loop; fails with a [ModelCallException] if there is no response
  /// @throws InvalidInputException if the first target does not support the request
  public CompletableFuture<ModelStream> stream(
      CallPlan plan, ModelRequest request, CallContext context) {
    CallRecorder recorder = recorder(plan, request, true, context);
    return new RetryLoop<ModelStream>(
            plan,
            context,
            health,
            recorder,
            target -> translate(target, request),
            target -> streamLimits(target).totalTimeout(),
            (target, wire, permit) ->
                start(target, wire, true, streamLimits(target), context)
                    .thenCompose(result ->
                        switch (result) {
                          case UpstreamStream stream ->
                              relay(stream, request, target, wire, permit, context, recorder);
                          case UpstreamResponse response ->
                              convert(response, request, target, wire, permit, context, recorder);
                        }))
        .start();
  }

  private CompletableFuture<ModelStream> relay(
      UpstreamStream stream,
      ModelRequest request,
      CallTarget target,
      ProviderRequest wire,
      Permit permit,
      CallContext context,
      CallRecorder recorder) {
    MemoryBudget.Reservation reservation = memory.open();
    StreamReader reader =
        target.callable().dialect().createStreamReader(request, clock.instant(), reservation);
    StreamRelay relay =
        new StreamRelay(
            context.loop(),
            reader,
            reservation,
            new AttemptListener(target, permit, recorder, reader, context));
    CompletableFuture<ModelStream> started =
        relay
            .started()
            .thenApply(_ ->
                new ModelStream(
                    relay,
                    target,
                    wire.warnings(),
                    recorder.attempts(),
                    vendorHeaders(request, target, stream.headers())));
    EventLoop.Timer patience = context.loop().schedule(settings.firstEventWait(), relay::start);
    Runnable unregister =
        context.cancellation().onCancel(() -> context.loop().execute(relay::cancel));
    var _ =
        relay
            .started()
            .whenComplete((_, _) -> {
              patience.cancel();
              unregister.run();
            });
    stream.body().subscribe(relay);
    return started;
  }

  /// Converts a complete response to a stream.
  private CompletableFuture<ModelStream> convert(
      UpstreamResponse response,
      ModelRequest request,
      CallTarget target,
      ProviderRequest wire,
      Permit permit,
      CallContext context,
      CallRecorder recorder) {
    recorder.addResponseBytes(response.bytes().length);
    return read(
            response,
            target,
            context.loop(),
            bytes ->
                readWithinMemory(
                    bytes,
                    target.callable(),
                    () ->
                        target
                            .callable()
                            .dialect()
                            .translateResponseToStream(request, bytes, clock.instant())))
        .thenCompose(reader -> {
          StreamRelay relay =
              new StreamRelay(
                  context.loop(),
                  reader,
                  memory.open(),
                  new AttemptListener(target, permit, recorder, reader, context));
          relay.onComplete();
          List<String> warnings = new ArrayList<>(wire.warnings());
          warnings.add("The provider returned a non-streaming response instead of a stream.");
          return relay
              .started()
              .thenApply(_ ->
                  new ModelStream(
                      relay,
                      target,
                      warnings,
                      recorder.attempts(),
                      vendorHeaders(request, target, response.headers())));
        });
  }

  /// Reports the end of one streaming attempt to the circuit breaker and the recorder.
  private record AttemptListener(
      CallTarget target,
      Permit permit,
      CallRecorder recorder,
      StreamReader reader,
      CallContext context)
      implements StreamRelay.Listener {

    @Override
    public CallFailure toFailure(ProviderErrorException error) {
      return FailureClassifier.of(error, target.callable());
    }

    @Override
    public CallFailure toFailure(UpstreamException error) {
      return FailureClassifier.of(error, target.policy());
    }

    @Override
    public byte[] toEvent(CallFailure failure) {
      return context
          .errorEvents()
          .write(failure.toException(recorder.attempts()), reader.position());
    }

    @Override
    public CompletableFuture<Void> beforeEnd() {
      return reader.response().map(context.keeper()::keep).orElseGet(CompletableFuture::allOf);
    }

    @Override
    public void onBytes(int count) {
      recorder.addResponseBytes(count);
    }

    @Override
    public void onContent() {
      recorder.recordContent();
    }

    @Override
    public void onSourceEnd(Optional<CallFailure> failure) {
      recorder.recordResponse(reader.usage(), reader.finishReason());
      failure.ifPresentOrElse(it -> it.report(permit), permit::succeed);
    }

    @Override
    public void onStreamEnd(Optional<CallFailure> failure) {
      failure.ifPresentOrElse(
          it -> recorder.fail(it.toException(recorder.attempts())), recorder::succeed);
    }
  }

  private static UpstreamRequest upstreamRequest(
      CallTarget target, ProviderRequest wire, boolean acceptsStream) {
    CallableProvider provider = target.callable();
    URI url = provider.url(wire.path());
    UpstreamRequest request =
        UpstreamRequest.post(
                url,
                provider.authenticationHeaders("POST", url, wire.body()),
                wire.headers(),
                wire.body())
            .withNetwork(provider.network());
    return acceptsStream ? request.acceptingStream() : request;
  }

  /// The limits of a non-streaming response.
  private UpstreamLimits responseLimits(CallTarget target) {
    UpstreamLimits limits = limits(target);
    Duration timeout = min(target.policy().timeout(), limits.totalTimeout());
    return limits.withTimeouts(min(timeout, limits.firstByteTimeout()), timeout, timeout);
  }

  /// The limits of a stream. The timeout of the policy ends with the first byte.
  private UpstreamLimits streamLimits(CallTarget target) {
    UpstreamLimits limits = limits(target);
    return limits.withTimeouts(
        min(target.policy().timeout(), limits.firstByteTimeout()),
        limits.idleTimeout(),
        limits.totalTimeout());
  }

  /// The limits of the service and the provider, without the timeout of the policy.
  private UpstreamLimits limits(CallTarget target) {
    NetworkOptions network = target.callable().network();
    return new UpstreamLimits(
        settings.resolveTimeout(),
        target.policy().connectTimeout(),
        network.headTimeout().orElse(settings.headTimeout()),
        network.idleTimeout().orElse(settings.streamIdleTimeout()),
        network.totalTimeout().orElse(settings.streamTimeout()),
        settings.maxResponseBytes(),
        target.policy().maxIdleConnections());
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }
}
