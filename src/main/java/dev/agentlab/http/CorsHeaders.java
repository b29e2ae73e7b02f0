package dev.agentlab.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/// Tells browsers which other origins may read an answer.
///
/// @param cors what is allowed
/// @param methods in one line
/// @param requestHeaders in one line
/// @param maxAge in seconds
record CorsHeaders(Cors cors, String methods, String requestHeaders, String maxAge) {
  /// Headers of answers that scripts want and browsers hide by default.
  private static final CharSequence EXPOSED =
      HttpHeaders.createOptimized("ETag, Location, Retry-After, X-Request-Id");

  static CorsHeaders of(Cors cors) {
    return new CorsHeaders(
        cors,
        String.join(", ", cors.allowedMethods()),
        String.join(", ", cors.allowedHeaders()),
        Long.toString(cors.maxAge().toSeconds()));
  }

  /// Those of any answer.
  ///
  /// @param origin of the script that asks, if a browser says so
  void add(MultiMap headers, @Nullable String origin) {
    // Also where the origin is not allowed: a cache must not give that answer to one that is.
    headers.set(HttpHeaders.VARY, HttpHeaders.ORIGIN);
    if (allows(origin)) {
      headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
      headers.set(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
      if (cors.allowCredentials()) {
        headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
      }
    }
  }

  /// Those of the answer to a preflight, beside the ones of any answer.
  void addPreflight(MultiMap headers, @Nullable String origin) {
    if (allows(origin)) {
      headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, methods);
      headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, requestHeaders);
      headers.set(HttpHeaders.ACCESS_CONTROL_MAX_AGE, maxAge);
    }
  }

  boolean allows(@Nullable String origin) {
    return origin != null && cors.origins().contains(origin);
  }
}
