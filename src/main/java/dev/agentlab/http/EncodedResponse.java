package dev.agentlab.http;

import dev.agentlab.json.Json;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/// A response as bytes, ready to be written.
///
/// @param mediaType of the bytes; empty text when there are none
/// @param events what comes bit by bit instead of `body`
/// @param closes whether the connection ends with it
@SuppressWarnings("ArrayRecordComponent") // Nobody compares two of them.
record EncodedResponse(
    int status,
    Map<String, String> headers,
    CharSequence mediaType,
    byte[] body,
    Optional<Response.Content.Events> events,
    boolean closes) {

  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  private static final CharSequence EVENTS = HttpHeaders.createOptimized("text/event-stream");
  private static final CharSequence ACCEL_BUFFERING =
      HttpHeaders.createOptimized("X-Accel-Buffering");
  private static final CharSequence NO = HttpHeaders.createOptimized("no");
  private static final CharSequence PROBLEM =
      HttpHeaders.createOptimized("application/problem+json");
  static final byte[] NOTHING = new byte[0];

  static EncodedResponse of(Response response) {
    int status = response.status();
    Map<String, String> headers = response.headers();
    return switch (response.content()) {
      case Response.Content.Empty _ -> empty(status, headers);
      case Response.Content.Json json ->
          whole(status, headers, JSON, Json.MAPPER.writeValueAsBytes(json.value()));
      case Response.Content.Text text ->
          whole(status, headers, text.mediaType(), text.text().getBytes(StandardCharsets.UTF_8));
      case Response.Content.RawJson json -> whole(status, headers, JSON, json.value());
      case Response.Content.Events events ->
          new EncodedResponse(status, headers, EVENTS, NOTHING, Optional.of(events), false);
    };
  }

  private static EncodedResponse whole(
      int status, Map<String, String> headers, CharSequence mediaType, byte[] body) {
    return new EncodedResponse(status, headers, mediaType, body, Optional.empty(), false);
  }

  static EncodedResponse of(Problem.Body problem, Map<String, String> headers, boolean closes) {
    return new EncodedResponse(
        problem.status(),
        headers,
        PROBLEM,
        Json.MAPPER.writeValueAsBytes(problem),
        Optional.empty(),
        closes);
  }

  static EncodedResponse empty(int status, Map<String, String> headers) {
    return whole(status, headers, "", NOTHING);
  }

  /// Puts the headers that depend on the answer, over those that every answer has.
  ///
  /// @throws IllegalArgumentException if a name or value is none that HTTP allows
  void putHeaders(MultiMap to) {
    if (!mediaType.isEmpty()) {
      to.set(HttpHeaders.CONTENT_TYPE, mediaType);
    }
    if (events.isPresent()) {
      // Tells nginx, and those who do as it does, to pass events on as they come.
      to.set(ACCEL_BUFFERING, NO);
    }
    headers.forEach(to::set);
  }
}
