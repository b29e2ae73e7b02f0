package dev.agentlab.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Flow;
import java.util.function.Function;

/// The response of a handler.
///
/// @param status the HTTP status code
/// @param headers in addition to those that the server adds (content type and length, request id,
///   …)
public record Response(int status, Map<String, String> headers, Content content) {

  /// The content of a response.
  public sealed interface Content {
    /// No content.
    record Empty() implements Content {}

    /// A value, sent as `application/json`.
    record Json(Object value) implements Content {}

    /// Text, sent as UTF-8.
    record Text(String mediaType, String text) implements Content {}

    /// An encoded JSON value.
    ///
    /// @param value must not be changed afterwards
    @SuppressWarnings("ArrayRecordComponent") // Instances are never compared.
    record RawJson(byte[] value) implements Content {}

    /// A stream of server-sent events with back-pressure
    /// (https://html.spec.whatwg.org/multipage/server-sent-events.html). Each part ends at the end
    /// of an event. If the client disconnects or its API key ends, the subscription is cancelled.
    /// The subscriber is a [dev.agentlab.eventloop.LastPartSubscriber]: a stream that passes its
    /// last part as such is not cancelled by a client that disconnects with that part.
    ///
    /// @param unauthenticated encodes the last event of a stream whose API key has ended, from the
    ///   detail of a 401
    record Events(Flow.Publisher<byte[]> parts, Function<String, byte[]> unauthenticated)
        implements Content {}
  }

  public Response {
    headers = Map.copyOf(headers);
  }

  public static Response ok(Object json) {
    return new Response(200, Map.of(), new Content.Json(json));
  }

  /// Creates a response with status 201.
  ///
  /// @param location the path of the created resource
  public static Response created(String location, Object json) {
    return new Response(201, Map.of("Location", location), new Content.Json(json));
  }

  public static Response rawJson(byte[] json) {
    return new Response(200, Map.of(), new Content.RawJson(json));
  }

  /// Creates a response with an event stream.
  ///
  /// @param unauthenticated see [Content.Events]
  public static Response events(
      Flow.Publisher<byte[]> parts, Function<String, byte[]> unauthenticated) {
    return new Response(200, Map.of(), new Content.Events(parts, unauthenticated));
  }

  public static Response noContent() {
    return new Response(204, Map.of(), new Content.Empty());
  }

  public static Response text(int status, String mediaType, String text) {
    return new Response(status, Map.of(), new Content.Text(mediaType, text));
  }

  /// Returns a copy with an additional header.
  public Response withHeader(String name, String value) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.put(name, value);
    return new Response(status, all, content);
  }
}
