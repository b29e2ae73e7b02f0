package dev.agentlab.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Flow;
import java.util.function.Function;

/// What a handler answers.
///
/// @param status the HTTP status code
/// @param headers beside the ones the edge adds (content type and length, request id, …)
public record Response(int status, Map<String, String> headers, Content content) {

  /// What follows the headers.
  public sealed interface Content {
    /// Nothing.
    record Empty() implements Content {}

    /// A value, sent as `application/json`.
    record Json(Object value) implements Content {}

    /// Text, sent as UTF-8.
    record Text(String mediaType, String text) implements Content {}

    /// Bytes of a JSON value, sent as they are.
    ///
    /// @param value not changed after this
    @SuppressWarnings("ArrayRecordComponent") // Nobody compares two of them.
    record RawJson(byte[] value) implements Content {}

    /// Server-sent events, sent as they come and no faster than the caller takes them
    /// (https://html.spec.whatwg.org/multipage/server-sent-events.html). Each part ends where an
    /// event ends. When the caller leaves or its key ends, the subscription is cancelled.
    ///
    /// @param unauthenticated writes the last event of a stream whose caller's key has ended, from
    ///   the detail of a 401
    record Events(Flow.Publisher<byte[]> parts, Function<String, byte[]> unauthenticated)
        implements Content {}
  }

  public Response {
    headers = Map.copyOf(headers);
  }

  public static Response ok(Object json) {
    return new Response(200, Map.of(), new Content.Json(json));
  }

  /// A success that made something.
  ///
  /// @param location the path of what was made
  public static Response created(String location, Object json) {
    return new Response(201, Map.of("Location", location), new Content.Json(json));
  }

  public static Response rawJson(byte[] json) {
    return new Response(200, Map.of(), new Content.RawJson(json));
  }

  /// A success that comes as events.
  ///
  /// @param unauthenticated writes the last event of a stream whose caller's key has ended, from
  ///   the detail of a 401
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

  /// The same with one more header.
  public Response with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Response(status, more, content);
  }
}
