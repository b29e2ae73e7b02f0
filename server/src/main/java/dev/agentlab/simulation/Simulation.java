package dev.agentlab.simulation;

import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.upstream.Cancellation;
import dev.agentlab.upstream.Origin;
import dev.agentlab.upstream.Transport;
import dev.agentlab.upstream.UpstreamException;
import dev.agentlab.upstream.UpstreamException.Kind;
import dev.agentlab.upstream.UpstreamLimits;
import dev.agentlab.upstream.UpstreamRequest;
import dev.agentlab.upstream.UpstreamResponse;
import dev.agentlab.upstream.UpstreamStream;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/// A transport that simulates a provider with OpenAI's dialect, including its model. A response
/// depends only on the request and the settings; whether a call fails depends on the number of
/// calls before. Thread-safe.
public final class Simulation implements Transport {
  private static final Map<String, String> EVENTS = Map.of("content-type", "text/event-stream");

  private final SimulatedApi api;

  public Simulation(SimulationSettings settings) {
    this(settings, InstantSource.system());
  }

  Simulation(SimulationSettings settings, InstantSource clock) {
    api = new SimulatedApi(settings, clock);
  }

  @Override
  public UpstreamResponse send(
      UpstreamRequest request, UpstreamLimits limits, Cancellation cancellation) {
    SimulatedCall call = SimulatedCall.start(Origin.of(request.url()), limits);
    return switch (api.respond(request)) {
      case SimulatedResponse.Complete complete -> {
        call.await(complete.dueAt(), limits.totalTimeout(), cancellation);
        yield response(call, complete.status(), complete.headers(), complete.body());
      }
      case SimulatedResponse.Stream stream -> {
        call.await(stream.parts().getLast().dueAt(), limits.totalTimeout(), cancellation);
        yield collected(call, stream);
      }
    };
  }

  @Override
  public CompletableFuture<Result> start(
      EventLoop loop, UpstreamRequest request, UpstreamLimits limits, Cancellation cancellation) {
    SimulatedCall call = SimulatedCall.start(Origin.of(request.url()), limits);
    CompletableFuture<Result> result = new CompletableFuture<>();
    Runnable unregister =
        cancellation.onCancel(
            () -> loop.execute(() -> result.completeExceptionally(call.exception(Kind.CANCELLED))));
    var _ = result.whenComplete((_, _) -> unregister.run());
    // A small request can ask for a response that takes long to compute.
    var _ =
        loop.offload(() -> api.respond(request))
            .thenAccept(response -> complete(loop, call, request, response, result))
            .exceptionally(thrown -> {
              result.completeExceptionally(thrown);
              return null;
            });
    return result;
  }

  private static void complete(
      EventLoop loop,
      SimulatedCall call,
      UpstreamRequest request,
      SimulatedResponse answer,
      CompletableFuture<Result> result) {
    switch (answer) {
      case SimulatedResponse.Complete complete ->
          completeAt(
              loop,
              call,
              complete.dueAt(),
              result,
              () -> response(call, complete.status(), complete.headers(), complete.body()));
      case SimulatedResponse.Stream stream when request.acceptsStream() ->
          result.complete(
              new UpstreamStream(200, EVENTS, new PacedBody(loop, call, stream), call.timings()));
      case SimulatedResponse.Stream stream ->
          completeAt(
              loop, call, stream.parts().getLast().dueAt(), result, () -> collected(call, stream));
    }
  }

  /// Completes a call when its response is due, or with a timeout before.
  private static void completeAt(
      EventLoop loop,
      SimulatedCall call,
      Duration dueAt,
      CompletableFuture<Result> result,
      Supplier<Result> response) {
    Duration limit = shorter(call.limits().firstByteTimeout(), call.limits().totalTimeout());
    Duration remaining = shorter(dueAt, limit).minus(call.elapsed());
    Runnable end =
        () -> {
          try {
            if (dueAt.compareTo(limit) > 0) {
              throw call.exception(Kind.TIMEOUT);
            }
            result.complete(response.get());
          } catch (UpstreamException e) {
            result.completeExceptionally(e);
          }
        };
    if (remaining.isPositive()) {
      EventLoop.Timer timer = loop.schedule(remaining, end);
      var _ = result.whenComplete((_, _) -> timer.cancel());
    } else {
      end.run();
    }
  }

  private static UpstreamResponse collected(SimulatedCall call, SimulatedResponse.Stream stream) {
    if (stream.truncated()) {
      throw call.exception(Kind.TRUNCATED);
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    stream.parts().forEach(part -> all.writeBytes(part.bytes()));
    return response(call, 200, EVENTS, all.toByteArray());
  }

  private static UpstreamResponse response(
      SimulatedCall call, int status, Map<String, String> headers, byte[] body) {
    if (body.length > call.limits().maxBodyBytes()) {
      throw call.exception(Kind.TOO_LARGE);
    }
    return new UpstreamResponse(status, headers, body, call.timings());
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
