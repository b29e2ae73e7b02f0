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
import dev.agentlab.modelclient.RetryLoop.Attempt;
import dev.agentlab.modelclient.RouteDecision.SkippedTarget;
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
import java.util.function.Consumer;
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
  private final RouteMetrics routeMetrics;
  private final CallLedger ledger;
  private final CallListener listener;
  private final LongSupplier nanoTime;

  /// @param memory for responses while they are read and queued
  /// @param meters registry of the metrics of model calls
  /// @param ledger keeps the record of every call
  /// @param listener receives the record of every call
  public ModelClient(
      Transport network,
      ModelClientSettings settings,
      InstantSource clock,
      MemoryBudget memory,
      MeterRegistry meters,
      CallLedger ledger,
      CallListener listener) {
    this(network, settings, clock, System::nanoTime, memory, meters, ledger, listener);
  }

  /// @param nanoTime measures the duration of calls and of open circuit breakers
  ModelClient(
      Transport network,
      ModelClientSettings settings,
      InstantSource clock,
      LongSupplier nanoTime,
      MemoryBudget memory,
      MeterRegistry meters,
      CallLedger ledger,
      CallListener listener) {
    this.network = network;
    this.settings = settings;
    this.clock = clock;
    this.health = new TargetHealth(() -> new CircuitBreaker(nanoTime, clock));
    this.memory = memory;
    this.metrics = new ModelCallMetrics(meters, nanoTime);
    this.routeMetrics = new RouteMetrics(meters);
    this.ledger = ledger;
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
    CallRecorder recorder = recorder(plan, request.operation(), false, context);
    return new RetryLoop<TranslatedRequest, ModelResponse>(
            plan,
            context,
            health,
            recorder,
            planned -> translate(planned, request),
            target -> responseLimits(target).totalTimeout(),
            attempt -> complete(attempt, context, recorder))
        .start();
  }

  /// A request for one target.
  ///
  /// @param prepared with what an agent or a route adds
  /// @param wire in the dialect of the provider
  private record TranslatedRequest(ModelRequest prepared, ProviderRequest wire)
      implements RetryLoop.TargetRequest {
    @Override
    public long bytes() {
      return wire.body().length;
    }

    @Override
    public List<String> warnings() {
      return wire.warnings();
    }
  }

  /// The targets of a plan that would not be called now, without calling any. May take long for a
  /// large request.
  public List<SkippedTarget> findUnavailable(CallPlan plan, ModelRequest request) {
    List<SkippedTarget> unavailable = new ArrayList<>();
    for (PlannedTarget planned : plan.targets()) {
      reasonAgainst(planned, request)
          .ifPresent(reason -> unavailable.add(new SkippedTarget(planned.name(), reason)));
    }
    return unavailable;
  }

  private Optional<String> reasonAgainst(PlannedTarget planned, ModelRequest request) {
    try {
      var _ = translate(planned, request);
    } catch (InvalidInputException e) {
      return Optional.of(RetryLoop.unsupported(e));
    }
    return health
        .get(planned.target())
        .breaker()
        .refusal()
        .flatMap(it -> FailureClassifier.of(it, false))
        .map(CallFailure::message);
  }

  /// Forwards a request as it is, and passes the response on as it arrives.
  ///
  /// @param requests the request for each target; throws [InvalidInputException] if the target does
  ///   not support it
  /// @return completed on the event loop; fails with a [ModelCallException] if there is no
  ///   response; an error of a provider is a response, unless another target is tried after it
  public CompletableFuture<RawResponse> forward(
      CallPlan plan,
      Operation operation,
      Function<PlannedTarget, RawRequest> requests,
      CallContext context) {
    CallRecorder recorder = recorder(plan, operation, false, context);
    return new RetryLoop<RawRequest, RawResponse>(
            plan,
            context,
            health,
            recorder,
            requests,
            target -> streamLimits(target, target.policy()).totalTimeout(),
            attempt ->
                new RawCall(
                        attempt.target().callable().transport().orElse(network),
                        attempt,
                        streamLimits(attempt.target(), attempt.target().policy()),
                        context,
                        recorder,
                        memory,
                        clock)
                    .start())
        .start();
  }

  /// @throws UnavailableException if the ledger has no room for the record
  private CallRecorder recorder(
      CallPlan plan, Operation operation, boolean streamed, CallContext context) {
    ledger.requireRoom();
    return new CallRecorder(
        context.source(),
        operation,
        streamed,
        plan,
        health,
        ledger,
        List.of(metrics, routeMetrics, listener, context.listener()),
        clock,
        nanoTime);
  }

  private CompletableFuture<ModelResponse> complete(
      Attempt<TranslatedRequest> attempt, CallContext context, CallRecorder recorder) {
    CallTarget target = attempt.target();
    return start(attempt, false, responseLimits(target), target.policy(), context)
        .thenCompose(result ->
            switch (result) {
              case UpstreamResponse response -> {
                recorder.recordHeaders(response.headers());
                recorder.addResponseBytes(response.bytes().length);
                yield translateResponse(response, attempt, context.loop())
                    .thenApply(answer -> {
                      attempt.permit().succeed();
                      recorder.recordResponse(answer.usage(), answer.finishReason());
                      int attempts = recorder.attempts();
                      recorder.succeed();
                      return new ModelResponse(
                          answer.json(),
                          attempt.planned(),
                          attempt.request().wire().warnings(),
                          attempts,
                          vendorHeaders(attempt, response.headers()));
                    });
              }
              case UpstreamStream _ -> throw new AssertionError("a stream was not accepted");
            });
  }

  private static Map<String, String> vendorHeaders(
      Attempt<TranslatedRequest> attempt, Map<String, String> headers) {
    Operation operation = attempt.request().prepared().operation();
    return attempt.target().callable().dialect().isNative(operation) ? headers : Map.of();
  }

  /// Prepares a request for a target, and translates it.
  ///
  /// @throws InvalidInputException if the target does not support the request
  /// @throws UnavailableException if there is no memory for the translation
  private TranslatedRequest translate(PlannedTarget planned, ModelRequest request) {
    ModelRequest prepared = planned.preparation().apply(request);
    return new TranslatedRequest(prepared, translate(planned.target(), prepared));
  }

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
      Attempt<TranslatedRequest> attempt,
      boolean acceptsStream,
      UpstreamLimits limits,
      CallPolicy policy,
      CallContext context) {
    CallTarget target = attempt.target();
    ProviderRequest wire = attempt.request().wire();
    Transport transport = target.callable().transport().orElse(network);
    Supplier<UpstreamRequest> request = () -> upstreamRequest(target, wire, acceptsStream);
    return context
        .loop()
        .compute(wire.body().length, request)
        .thenCompose(it -> transport.start(context.loop(), it, limits, context.cancellation()))
        .exceptionally(thrown -> {
          throw failedAttempt(thrown, policy);
        });
  }

  private static RuntimeException failedAttempt(Throwable thrown, CallPolicy policy) {
    Throwable cause = Completions.cause(thrown);
    return cause instanceof UpstreamException e
        ? new FailedAttemptException(FailureClassifier.of(e, policy))
        : new CompletionException(cause);
  }

  private CompletableFuture<CompleteAnswer> translateResponse(
      UpstreamResponse response, Attempt<TranslatedRequest> attempt, EventLoop loop) {
    CallTarget target = attempt.target();
    ModelRequest request = attempt.request().prepared();
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
    CallRecorder recorder = recorder(plan, request.operation(), true, context);
    Optional<Duration> contentTimeout =
        plan.route().flatMap(CallPlan.PlannedRoute::firstContentTimeout);
    return new RetryLoop<TranslatedRequest, ModelStream>(
            plan,
            context,
            health,
            recorder,
            planned -> translate(planned, request),
            target -> streamLimits(target, target.policy()).totalTimeout(),
            attempt ->
                stream(
                    attempt,
                    attempt.isLast() ? Optional.empty() : contentTimeout,
                    context,
                    recorder))
        .start();
  }

  /// @param contentTimeout timeout until the stream has content, after which it fails
  private CompletableFuture<ModelStream> stream(
      Attempt<TranslatedRequest> attempt,
      Optional<Duration> contentTimeout,
      CallContext context,
      CallRecorder recorder) {
    CallTarget target = attempt.target();
    CallPolicy policy = contentTimeout.map(target.policy()::within).orElse(target.policy());
    long startNanos = nanoTime.getAsLong();
    return start(attempt, true, streamLimits(target, policy), policy, context)
        .thenCompose(result ->
            switch (result) {
              case UpstreamStream stream -> {
                recorder.recordHeaders(stream.headers());
                Patience patience =
                    contentTimeout
                        .map(it ->
                            new Patience(
                                it.minusNanos(nanoTime.getAsLong() - startNanos),
                                relay -> relay.abandon(FailureClassifier.withoutContent(it))))
                        .orElseGet(
                            () -> new Patience(settings.firstEventWait(), StreamRelay::start));
                yield relay(stream, attempt, patience, context, recorder);
              }
              case UpstreamResponse response -> {
                recorder.recordHeaders(response.headers());
                yield convert(response, attempt, context, recorder);
              }
            });
  }

  /// What happens to a stream without content after a time.
  private record Patience(Duration time, Consumer<StreamRelay> end) {}

  private CompletableFuture<ModelStream> relay(
      UpstreamStream stream,
      Attempt<TranslatedRequest> attempt,
      Patience patience,
      CallContext context,
      CallRecorder recorder) {
    MemoryBudget.Reservation reservation = memory.open();
    StreamReader reader =
        attempt
            .target()
            .callable()
            .dialect()
            .createStreamReader(attempt.request().prepared(), clock.instant(), reservation);
    StreamRelay relay =
        new StreamRelay(
            context.loop(),
            reader,
            reservation,
            new AttemptListener(attempt.target(), attempt.permit(), recorder, reader, context));
    CompletableFuture<ModelStream> started =
        relay
            .started()
            .thenApply(_ ->
                new ModelStream(
                    relay,
                    attempt.planned(),
                    attempt.request().wire().warnings(),
                    recorder.attempts(),
                    vendorHeaders(attempt, stream.headers())));
    EventLoop.Timer timer =
        context.loop().schedule(patience.time(), () -> patience.end().accept(relay));
    Runnable unregister =
        context.cancellation().onCancel(() -> context.loop().execute(relay::cancel));
    var _ =
        relay
            .started()
            .whenComplete((_, _) -> {
              timer.cancel();
              unregister.run();
            });
    stream.body().subscribe(relay);
    return started;
  }

  /// Converts a complete response to a stream.
  private CompletableFuture<ModelStream> convert(
      UpstreamResponse response,
      Attempt<TranslatedRequest> attempt,
      CallContext context,
      CallRecorder recorder) {
    CallTarget target = attempt.target();
    ModelRequest request = attempt.request().prepared();
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
                  new AttemptListener(target, attempt.permit(), recorder, reader, context));
          relay.onComplete();
          List<String> warnings = new ArrayList<>(attempt.request().wire().warnings());
          warnings.add("The provider returned a non-streaming response instead of a stream.");
          return relay
              .started()
              .thenApply(_ ->
                  new ModelStream(
                      relay,
                      attempt.planned(),
                      warnings,
                      recorder.attempts(),
                      vendorHeaders(attempt, response.headers())));
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
      return reader
          .response()
          .map(answered -> context.keeper().keep(answered, target))
          .orElseGet(CompletableFuture::allOf);
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
      recorder.settle(failure.map(it -> it.toException(recorder.attempts())));
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
    UpstreamLimits limits = limits(target, target.policy());
    Duration timeout = min(target.policy().timeout(), limits.totalTimeout());
    return limits.withTimeouts(min(timeout, limits.firstByteTimeout()), timeout, timeout);
  }

  /// The limits of a stream. The timeout of the policy ends with the first byte.
  private UpstreamLimits streamLimits(CallTarget target, CallPolicy policy) {
    UpstreamLimits limits = limits(target, policy);
    return limits.withTimeouts(
        min(policy.timeout(), limits.firstByteTimeout()),
        limits.idleTimeout(),
        limits.totalTimeout());
  }

  /// The limits of the service and the provider, without the timeout of the policy.
  private UpstreamLimits limits(CallTarget target, CallPolicy policy) {
    NetworkOptions network = target.callable().network();
    return new UpstreamLimits(
        settings.resolveTimeout(),
        policy.connectTimeout(),
        network.headTimeout().orElse(settings.headTimeout()),
        network.idleTimeout().orElse(settings.streamIdleTimeout()),
        network.totalTimeout().orElse(settings.streamTimeout()),
        settings.maxResponseBytes(),
        policy.maxIdleConnections());
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }
}
