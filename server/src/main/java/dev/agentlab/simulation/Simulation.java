package dev.agentlab.simulation;

import dev.agentlab.upstream.Cancellation;
import dev.agentlab.upstream.Origin;
import dev.agentlab.upstream.Transport;
import dev.agentlab.upstream.UpstreamException.Kind;
import dev.agentlab.upstream.UpstreamLimits;
import dev.agentlab.upstream.UpstreamRequest;
import dev.agentlab.upstream.UpstreamResponse;
import dev.agentlab.upstream.UpstreamStream;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;

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
      case SimulatedResponse.Complete complete ->
          response(call, complete, limits.totalTimeout(), cancellation);
      case SimulatedResponse.Stream stream -> {
        call.await(stream.parts().getLast().dueAt(), limits.totalTimeout(), cancellation);
        if (stream.truncated()) {
          throw call.exception(Kind.TRUNCATED);
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        stream.parts().forEach(part -> all.writeBytes(part.bytes()));
        yield response(call, 200, EVENTS, all.toByteArray());
      }
    };
  }

  @Override
  public Result open(UpstreamRequest request, UpstreamLimits limits, Cancellation cancellation) {
    SimulatedCall call = SimulatedCall.start(Origin.of(request.url()), limits);
    Duration limit = shorter(limits.firstByteTimeout(), limits.totalTimeout());
    return switch (api.respond(request)) {
      case SimulatedResponse.Complete complete -> response(call, complete, limit, cancellation);
      case SimulatedResponse.Stream stream ->
          new UpstreamStream(200, EVENTS, new PacedBody(call, stream), call.timings());
    };
  }

  private static UpstreamResponse response(
      SimulatedCall call,
      SimulatedResponse.Complete complete,
      Duration limit,
      Cancellation cancellation) {
    call.await(complete.dueAt(), limit, cancellation);
    return response(call, complete.status(), complete.headers(), complete.body());
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
