package dev.agentlab.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/// The CORS headers of responses.
///
/// @param cors the policy
/// @param methods the value of `Access-Control-Allow-Methods`
/// @param requestHeaders the value of `Access-Control-Allow-Headers`
/// @param maxAge the value of `Access-Control-Max-Age`, in seconds
record CorsHeaders(CorsPolicy cors, String methods, String requestHeaders, String maxAge) {
  /// Response headers that scripts need and that browsers hide by default.
  private static final CharSequence EXPOSED_HEADERS =
      HttpHeaders.createOptimized("ETag, Location, Retry-After, X-Request-Id");

  static CorsHeaders of(CorsPolicy cors) {
    return new CorsHeaders(
        cors,
        String.join(", ", cors.allowedMethods()),
        String.join(", ", cors.allowedHeaders()),
        Long.toString(cors.maxAge().toSeconds()));
  }

  /// Adds the headers of every response.
  ///
  /// @param origin the `Origin` header of the request, if any
  void add(MultiMap headers, @Nullable String origin) {
    // Also for a disallowed origin: a cache must not serve that response to an allowed one.
    headers.add(HttpHeaders.VARY, HttpHeaders.ORIGIN);
    if (allows(origin)) {
      headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
      headers.set(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
      if (cors.allowCredentials()) {
        headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
      }
    }
  }

  /// Adds the headers of the response to a preflight request, in addition to those of every
  /// response.
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
