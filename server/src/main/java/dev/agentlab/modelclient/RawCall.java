package dev.agentlab.modelclient;

import dev.agentlab.eventloop.BodyCollector;
import dev.agentlab.eventloop.Completions;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.modelclient.RetryLoop.Attempt;
import dev.agentlab.upstream.Transport;
import dev.agentlab.upstream.UpstreamException;
import dev.agentlab.upstream.UpstreamLimits;
import dev.agentlab.upstream.UpstreamRequest;
import dev.agentlab.upstream.UpstreamResponse;
import dev.agentlab.upstream.UpstreamStream;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One attempt of a raw request to a provider. Confined to the event loop of the call.
final class RawCall {
  private static final int MAX_ERROR_BYTES = 256 << 10;

  private final Transport transport;
  private final Attempt<RawRequest> attempt;
  private final CallTarget target;
  private final RawRequest request;
  private final UpstreamLimits limits;
  private final CallContext context;
  private final CallRecorder recorder;
  private final MemoryBudget memory;
  private final InstantSource clock;
  private final CompletableFuture<RawResponse> result = new CompletableFuture<>();

  /// @param memory for the content of errors
  RawCall(
      Transport transport,
      Attempt<RawRequest> attempt,
      UpstreamLimits limits,
      CallContext context,
      CallRecorder recorder,
      MemoryBudget memory,
      InstantSource clock) {
    this.transport = transport;
    this.attempt = attempt;
    this.target = attempt.target();
    this.request = attempt.request();
    this.limits = limits;
    this.context = context;
    this.recorder = recorder;
    this.memory = memory;
    this.clock = clock;
  }

  /// Starts the call.
  ///
  /// @return completed on the event loop; fails with a [FailedAttemptException] if there is no
  ///   response
  CompletableFuture<RawResponse> start() {
    var _ =
        upstreamRequest()
            .thenCompose(it -> transport.start(context.loop(), it, limits, context.cancellation()))
            .whenComplete(
                (response, thrown) -> context.loop().execute(() -> onResponse(response, thrown)));
    return result;
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

  private void onResponse(Transport.@Nullable Result response, @Nullable Throwable thrown) {
    if (thrown != null) {
      fail(Completions.cause(thrown));
      return;
    }
    if (response instanceof UpstreamStream stream) {
      recorder.recordHeaders(stream.headers());
    }
    switch (response) {
      case UpstreamStream stream when stream.status() >= 400 -> collectError(stream);
      case UpstreamStream stream -> {
        OptionalLong length = length(stream);
        RawBody body = new RawBody(context.loop(), stream.body(), length, attempt, recorder);
        respond(stream, new RawResponse.Content.Stream(length, body));
      }
      case UpstreamResponse _ -> throw new AssertionError("a raw response is a stream");
      case null -> throw new AssertionError("a call has a result or fails");
    }
  }

  private void respond(UpstreamStream stream, RawResponse.Content content) {
    result.complete(new RawResponse(stream.status(), stream.headers(), content, attempt.planned()));
  }

  private static OptionalLong length(UpstreamStream stream) {
    String length = stream.headers().getOrDefault("content-length", "");
    return !length.isEmpty() && length.chars().allMatch(Character::isDigit) && length.length() < 19
        ? OptionalLong.of(Long.parseLong(length))
        : OptionalLong.empty();
  }

  /// Reads an error, because it may contain secrets of the provider.
  private void collectError(UpstreamStream stream) {
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
                respondWithError(stream, error);
              } else {
                fail(Completions.cause(thrown));
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

  private void respondWithError(UpstreamStream stream, ReceivedError error) {
    if (request.isRepeatable() && attempt.fallsBackOn(error.failure())) {
      result.completeExceptionally(new FailedAttemptException(error.failure()));
      return;
    }
    error.failure().report(attempt.permit());
    recorder.fail(error.failure().toException(recorder.attempts()));
    respond(stream, new RawResponse.Content.Complete(error.body()));
  }

  private void fail(Throwable cause) {
    if (!(cause instanceof UpstreamException e)) {
      result.completeExceptionally(cause);
      return;
    }
    CallFailure failure = FailureClassifier.of(e, target.policy());
    result.completeExceptionally(
        new FailedAttemptException(request.isRepeatable() ? failure : failure.asFinal()));
  }
}
