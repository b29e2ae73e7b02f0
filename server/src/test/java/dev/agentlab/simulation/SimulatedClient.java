package dev.agentlab.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.json.Json;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.testing.Await;
import dev.agentlab.upstream.Cancellation;
import dev.agentlab.upstream.Transport;
import dev.agentlab.upstream.UpstreamLimits;
import dev.agentlab.upstream.UpstreamRequest;
import dev.agentlab.upstream.UpstreamResponse;
import dev.agentlab.upstream.UpstreamStream;
import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// A client of a simulated provider, which is configured as by callers of the service.
///
/// @param provider shared by all calls
record SimulatedClient(CallableProvider provider) {
  /// The event loop of all calls.
  static final EventLoop LOOP = new EventLoops().current();

  static final Duration LONG = Duration.ofSeconds(30);
  static final UpstreamLimits LIMITS = new UpstreamLimits(LONG, LONG, LONG, LONG, LONG, 10_000_000);

  /// @param options as JSON members; the time per token is 0 unless they set it
  static SimulatedClient with(String... options) {
    String time = "\"time_per_token\": \"0\"";
    String all = options.length == 0 ? time : String.join(", ", options);
    String given = all.contains("time_per_token") ? all : all + ", " + time;
    ProviderKinds kinds = ProviderKinds.standard();
    return new SimulatedClient(
        kinds.build(
            kinds.parse(
                Json.MAPPER.readTree(
                    "{\"name\": \"simulated\", \"options\": {%s}}".formatted(given)))));
  }

  UpstreamRequest post(String path, String body) {
    return UpstreamRequest.post(provider.url(path), Map.of(), Map.of(), body.getBytes(UTF_8));
  }

  Transport transport() {
    return provider.transport().orElseThrow();
  }

  UpstreamResponse send(String path, String body) {
    return transport().send(post(path, body), LIMITS, new Cancellation());
  }

  /// Sends a non-streaming chat.
  JsonNode chat(String messages, String... members) {
    UpstreamResponse response = send("chat/completions", request(messages, members));
    if (response.status() != 200) {
      throw new AssertionError(response.text());
    }
    return Json.MAPPER.readTree(response.text());
  }

  String content(String messages, String... members) {
    return chat(messages, members).at("/choices/0/message/content").stringValue();
  }

  UpstreamStream open(String request) {
    return open(request, LIMITS);
  }

  UpstreamStream open(String request, UpstreamLimits limits) {
    return (UpstreamStream) start(request, limits);
  }

  /// Sends a chat that accepts a stream, and waits for its result.
  Transport.Result start(String request, UpstreamLimits limits) {
    return Await.result(
        transport()
            .start(
                LOOP,
                post("chat/completions", request).acceptingStream(),
                limits,
                new Cancellation()));
  }

  static String request(String messages, String... members) {
    String more = members.length == 0 ? "" : ", " + String.join(", ", members);
    return "{\"model\": \"m\", \"messages\": [%s]%s}".formatted(messages, more);
  }

  static String user(String text) {
    return "{\"role\": \"user\", \"content\": \"%s\"}".formatted(text);
  }
}
