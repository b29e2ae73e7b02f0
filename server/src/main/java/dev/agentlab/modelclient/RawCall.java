package dev.agentlab.modelclient;

import dev.agentlab.eventloop.BodyCollector;
import dev.agentlab.eventloop.Completions;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.modelclient.CircuitBreaker.Permit;
import dev.agentlab.upstream.Transport;
import dev.agentlab.upstream.UpstreamException;
import dev.agentlab.upstream.UpstreamLimits;
import dev.agentlab.upstream.UpstreamRequest;
import dev.agentlab.upstream.UpstreamResponse;
import dev.agentlab.upstream.UpstreamStream;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One raw request to a provider, in a single attempt. Confined to the event loop of the call.
final class RawCall {
  private static final int MAX_ERROR_BYTES = 256 << 10;

  private final Transport transport;
  private final CallTarget target;
  private final RawRequest request;
  private final UpstreamLimits limits;
  private final CallContext context;
  private final CircuitBreaker breaker;
  private final CallRecorder recorder;
  private final MemoryBudget memory;
  private final InstantSource clock;
  private final CompletableFuture<RawResponse> result = new CompletableFuture<>();

  /// @param memory for the content of errors
  RawCall(
      Transport transport,
      CallTarget target,
      RawRequest request,
      UpstreamLimits limits,
      CallContext context,
      CircuitBreaker breaker,
      CallRecorder recorder,
      MemoryBudget memory,
      InstantSource clock) {
    this.transport = transport;
    this.target = target;
    this.request = request;
    this.limits = limits;
    this.context = context;
    this.breaker = breaker;
    this.recorder = recorder;
    this.memory = memory;
    this.clock = clock;
  }

  /// Starts the call.
  ///
  /// @return completed on the event loop; fails with a [ModelCallException] if there is no response
  CompletableFuture<RawResponse> start() {
    context
        .loop()
        .execute(() -> {
          switch (breaker.requestPermit(limits.totalTimeout())) {
            case Permit permit -> send(permit);
            case CircuitBreaker.Rejection rejection -> fail(FailureClassifier.of(rejection));
            case CircuitBreaker.RateLimit limit -> fail(FailureClassifier.of(limit, false));
          }
        });
    return result;
  }

  private void send(Permit permit) {
    recorder.startAttempt(target, requestBytes(), List.of());
    var _ =
        upstreamRequest()
            .thenCompose(it -> transport.start(context.loop(), it, limits, context.cancellation()))
            .whenComplete((response, thrown) ->
                context.loop().execute(() -> onResponse(permit, response, thrown)));
  }

  /// The size of the request, as far as it is known.
  private long requestBytes() {
    return switch (request.body()) {
      case UpstreamRequest.Body.None _ -> 0;
      case UpstreamRequest.Body.Bytes(byte[] bytes) -> bytes.length;
      case UpstreamRequest.Body.Stream stream -> stream.length().orElse(0);
    };
  }

  /// The authenticated request. A large body is signed on another thread.
  private CompletableFuture<UpstreamRequest> upstreamRequest() {
    byte[] bytes =
        request.body() instanceof UpstreamRequest.Body.Bytes(byte[] complete)
            ? complete
            : new byte[0];
    return context.loop().compute(bytes.length, () -> upstreamRequest(bytes));
  }

  private UpstreamRequest upstreamRequest(byte[] bytes) {
    CallableProvider provider = target.callable();
    Map<String, String> headers = new HashMap<>(provider.ownHeaders());
    headers.putAll(request.headers());
    return new UpstreamRequest(
        request.method(),
        request.url(),
        provider.authenticationHeaders(request.method(), request.url(), bytes),
        headers,
        request.body(),
        UpstreamRequest.ResponseMode.RAW,
        provider.network());
  }

  private void onResponse(
      Permit permit, Transport.@Nullable Result response, @Nullable Throwable thrown) {
    if (thrown != null) {
      fail(permit, Completions.cause(thrown));
      return;
    }
    switch (response) {
      case UpstreamStream stream when stream.status() >= 400 -> collectError(permit, stream);
      case UpstreamStream stream -> {
        RawBody body = new RawBody(context.loop(), stream.body(), target, permit, recorder);
        respond(stream, new RawResponse.Content.Stream(length(stream), body));
      }
      case UpstreamResponse _ -> throw new AssertionError("a raw response is a stream");
      case null -> throw new AssertionError("a call has a result or fails");
    }
  }

  private void respond(UpstreamStream stream, RawResponse.Content content) {
    result.complete(new RawResponse(stream.status(), stream.headers(), content, target));
  }

  private static OptionalLong length(UpstreamStream stream) {
    String length = stream.headers().getOrDefault("content-length", "");
    return !length.isEmpty() && length.chars().allMatch(Character::isDigit) && length.length() < 19
        ? OptionalLong.of(Long.parseLong(length))
        : OptionalLong.empty();
  }

  /// Reads an error, because it may contain secrets of the provider.
  private void collectError(Permit permit, UpstreamStream stream) {
    MemoryBudget.Reservation reservation = memory.open();
    BodyCollector collector = new BodyCollector(MAX_ERROR_BYTES, reservation);
    Runnable unregister =
        context
            .cancellation()
            .onCancel(() ->
                context
                    .loop()
                    .execute(() ->
                        collector.cancel(
                            FailureClassifier.cancelled().toException(recorder.attempts()))));
    stream.body().subscribe(collector);
    var _ =
        collector
            .result()
            .thenCompose(collected -> readError(stream, collected.bytes()))
            .whenComplete((error, thrown) -> {
              unregister.run();
              reservation.close();
              if (thrown == null) {
                respondWithError(permit, stream, error);
              } else {
                fail(permit, Completions.cause(thrown));
              }
            });
  }

  /// An error of the provider.
  ///
  /// @param body without secrets
  @SuppressWarnings("ArrayRecordComponent") // Instances are never compared.
  private record ReceivedError(CallFailure failure, byte[] body) {}

  /// Reads an error: on the event loop, or on another thread if it is large.
  private CompletableFuture<ReceivedError> readError(UpstreamStream stream, byte[] bytes) {
    recorder.addResponseBytes(bytes.length);
    UpstreamResponse response =
        new UpstreamResponse(stream.status(), stream.headers(), bytes, stream.timings());
    return context
        .loop()
        .compute(
            bytes.length,
            () -> {
              CallFailure failure =
                  FailureClassifier.of(response, target.callable(), clock.instant());
              ProviderError.Original original =
                  failure.upstream().flatMap(ProviderError::original).orElseThrow();
              return new ReceivedError(failure, original.body());
            });
  }

  private void respondWithError(Permit permit, UpstreamStream stream, ReceivedError error) {
    error.failure().report(permit);
    recorder.fail(error.failure().toException(recorder.attempts()));
    respond(stream, new RawResponse.Content.Complete(error.body()));
  }

  private void fail(Permit permit, Throwable cause) {
    Optional<CallFailure> failure =
        cause instanceof UpstreamException e
            ? Optional.of(FailureClassifier.of(e, target.policy()))
            : Optional.empty();
    failure.ifPresentOrElse(it -> it.report(permit), permit::release);
    if (failure.isPresent()) {
      fail(failure.get());
    } else {
      recorder.fail(cause);
      result.completeExceptionally(cause);
    }
  }

  private void fail(CallFailure failure) {
    ModelCallException exception = failure.toException(recorder.attempts());
    recorder.fail(exception);
    result.completeExceptionally(exception);
  }
}
