package dev.agentlab.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
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

    /// Encoded content.
    ///
    /// @param bytes must not be changed afterwards
    @SuppressWarnings("ArrayRecordComponent") // Instances are never compared.
    record Bytes(String mediaType, byte[] bytes) implements Content {}

    /// Content that is sent as it is produced, with back-pressure. If the client disconnects or its
    /// API key ends, the subscription is cancelled.
    sealed interface Streamed extends Content {
      Flow.Publisher<byte[]> parts();
    }

    /// A stream of bytes. If it fails, or the API key of the client ends, the connection is
    /// aborted, so that the client does not take the content for complete.
    ///
    /// @param mediaType empty if it is not known
    /// @param length the number of bytes; empty if it is not known
    record Stream(String mediaType, OptionalLong length, Flow.Publisher<byte[]> parts)
        implements Streamed {}

    /// A stream of server-sent events with back-pressure
    /// (https://html.spec.whatwg.org/multipage/server-sent-events.html). Each part ends at the end
    /// of an event. The subscriber is a [dev.agentlab.eventloop.LastPartSubscriber]: a stream that
    /// passes its last part as such is not cancelled by a client that disconnects with that part.
    ///
    /// @param unauthenticated encodes the last event of a stream whose API key has ended, from the
    ///   detail of a 401
    /// @param keepAlive what an idle stream sends
    record Events(
        Flow.Publisher<byte[]> parts, Function<String, byte[]> unauthenticated, String keepAlive)
        implements Streamed {
      /// A comment, which clients ignore.
      public static final String COMMENT = ": keep-alive\n\n";
    }
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

  /// Creates a response with an encoded JSON value.
  public static Response rawJson(byte[] json) {
    return bytes(200, "application/json", json);
  }

  /// Creates a response with encoded content.
  public static Response bytes(int status, String mediaType, byte[] bytes) {
    return new Response(status, Map.of(), new Content.Bytes(mediaType, bytes));
  }

  /// Creates a response with an event stream.
  ///
  /// @param unauthenticated see [Content.Events]
  public static Response events(
      Flow.Publisher<byte[]> parts, Function<String, byte[]> unauthenticated) {
    return events(parts, unauthenticated, Content.Events.COMMENT);
  }

  /// Creates a response with an event stream.
  ///
  /// @param unauthenticated see [Content.Events]
  /// @param keepAlive what an idle stream sends
  public static Response events(
      Flow.Publisher<byte[]> parts, Function<String, byte[]> unauthenticated, String keepAlive) {
    return new Response(200, Map.of(), new Content.Events(parts, unauthenticated, keepAlive));
  }

  public static Response noContent() {
    return new Response(204, Map.of(), new Content.Empty());
  }

  public static Response text(int status, String mediaType, String text) {
    return new Response(status, Map.of(), new Content.Text(mediaType, text));
  }

  /// Returns a copy with additional headers.
  public Response withHeaders(Map<String, String> added) {
    if (headers.isEmpty()) {
      return new Response(status, added, content);
    }
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.putAll(added);
    return new Response(status, all, content);
  }

  /// Returns a copy with an additional header.
  public Response withHeader(String name, String value) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.put(name, value);
    return new Response(status, all, content);
  }
}
