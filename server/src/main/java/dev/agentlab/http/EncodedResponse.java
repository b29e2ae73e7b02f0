package dev.agentlab.http;

import dev.agentlab.json.Json;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// A response encoded as bytes.
///
/// @param mediaType of the body; empty if there is no body
/// @param streamed the content that replaces `body`
/// @param closesConnection whether the connection is closed after the response
@SuppressWarnings("ArrayRecordComponent") // Instances are never compared.
record EncodedResponse(
    int status,
    Map<String, String> headers,
    CharSequence mediaType,
    byte[] body,
    Optional<Response.Content.Streamed> streamed,
    boolean closesConnection) {

  private static final String JSON_TYPE = "application/json";
  private static final CharSequence JSON = HttpHeaders.createOptimized(JSON_TYPE);
  private static final CharSequence EVENT_STREAM = HttpHeaders.createOptimized("text/event-stream");
  private static final CharSequence ACCEL_BUFFERING =
      HttpHeaders.createOptimized("X-Accel-Buffering");
  private static final CharSequence NO = HttpHeaders.createOptimized("no");
  static final byte[] EMPTY_BODY = new byte[0];

  static EncodedResponse of(Response response) {
    int status = response.status();
    Map<String, String> headers = response.headers();
    return switch (response.content()) {
      case Response.Content.Empty _ -> empty(status, headers);
      case Response.Content.Json json ->
          complete(status, headers, JSON, Json.MAPPER.writeValueAsBytes(json.value()));
      case Response.Content.Text text ->
          complete(status, headers, text.mediaType(), text.text().getBytes(StandardCharsets.UTF_8));
      case Response.Content.Bytes(String mediaType, byte[] bytes) ->
          complete(status, headers, mediaType.equals(JSON_TYPE) ? JSON : mediaType, bytes);
      case Response.Content.Events events ->
          new EncodedResponse(
              status, headers, EVENT_STREAM, EMPTY_BODY, Optional.of(events), false);
      case Response.Content.Stream stream ->
          new EncodedResponse(
              status, headers, stream.mediaType(), EMPTY_BODY, Optional.of(stream), false);
    };
  }

  private static EncodedResponse complete(
      int status, Map<String, String> headers, CharSequence mediaType, byte[] body) {
    return new EncodedResponse(status, headers, mediaType, body, Optional.empty(), false);
  }

  /// @param headers in addition to those of the format
  static EncodedResponse of(
      int status, ErrorFormat.EncodedError error, Map<String, String> headers, boolean closes) {
    Map<String, String> all = new HashMap<>(error.headers());
    all.putAll(headers);
    return new EncodedResponse(
        status, all, error.mediaType(), error.body(), Optional.empty(), closes);
  }

  static EncodedResponse empty(int status, Map<String, String> headers) {
    return complete(status, headers, "", EMPTY_BODY);
  }

  /// Returns a copy after which the connection is closed.
  EncodedResponse withClose() {
    return new EncodedResponse(status, headers, mediaType, body, streamed, true);
  }

  /// Puts the headers of this response, which override those of every response.
  ///
  /// @throws IllegalArgumentException if a header name or value is invalid in HTTP
  void putHeaders(MultiMap target) {
    if (!mediaType.isEmpty()) {
      target.set(HttpHeaders.CONTENT_TYPE, mediaType);
    }
    if (streamed.isPresent()) {
      // Makes nginx and compatible proxies forward events without buffering.
      target.set(ACCEL_BUFFERING, NO);
    }
    headers.forEach(target::set);
  }
}
