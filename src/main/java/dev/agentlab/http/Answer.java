package dev.agentlab.http;

import dev.agentlab.json.Json;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.util.Map;

/// A response as bytes, ready to be written.
///
/// @param mediaType of the bytes; empty text when there are none
/// @param closes whether the connection ends with it
record Answer(
    int status, Map<String, String> headers, CharSequence mediaType, Buffer body, boolean closes) {

  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  private static final CharSequence PROBLEM =
      HttpHeaders.createOptimized("application/problem+json");
  private static final Buffer NOTHING = Buffer.buffer(0);

  private static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");
  private static final CharSequence CONTENT_TYPE_OPTIONS =
      HttpHeaders.createOptimized("X-Content-Type-Options");
  private static final CharSequence NO_SNIFF = HttpHeaders.createOptimized("nosniff");
  private static final CharSequence REFERRER_POLICY =
      HttpHeaders.createOptimized("Referrer-Policy");
  private static final CharSequence NO_REFERRER = HttpHeaders.createOptimized("no-referrer");
  private static final CharSequence CONTENT_SECURITY_POLICY =
      HttpHeaders.createOptimized("Content-Security-Policy");
  private static final CharSequence NO_CONTENT =
      HttpHeaders.createOptimized("default-src 'none'; frame-ancestors 'none'");

  static Answer of(Response response) {
    // A stream will be the one content that is not bytes yet: it is to be piped, not put here.
    return switch (response.content()) {
      case Response.Content.Empty _ -> empty(response.status(), response.headers());
      case Response.Content.Json json ->
          new Answer(
              response.status(),
              response.headers(),
              JSON,
              Buffer.buffer(Json.MAPPER.writeValueAsBytes(json.value())),
              false);
      case Response.Content.Text text ->
          new Answer(
              response.status(),
              response.headers(),
              text.mediaType(),
              Buffer.buffer(text.text()),
              false);
    };
  }

  static Answer of(Problem.Body problem, Map<String, String> headers, boolean closes) {
    return new Answer(
        problem.status(),
        headers,
        PROBLEM,
        Buffer.buffer(Json.MAPPER.writeValueAsBytes(problem)),
        closes);
  }

  static Answer empty(int status, Map<String, String> headers) {
    return new Answer(status, headers, "", NOTHING, false);
  }

  /// Puts the headers that depend on the answer, over those that every answer has.
  ///
  /// @throws IllegalArgumentException if a name or value is none that HTTP allows
  void putHeaders(MultiMap to) {
    to.set(HttpHeaders.CACHE_CONTROL, NO_STORE);
    to.set(CONTENT_TYPE_OPTIONS, NO_SNIFF);
    to.set(REFERRER_POLICY, NO_REFERRER);
    to.set(CONTENT_SECURITY_POLICY, NO_CONTENT);
    if (!mediaType.isEmpty()) {
      to.set(HttpHeaders.CONTENT_TYPE, mediaType);
    }
    headers.forEach(to::set);
  }
}
