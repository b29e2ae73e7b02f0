package dev.agentlab.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import java.util.Optional;

/// The origin of the service as browsers see it (RFC 6454).
///
/// @param publicOrigin the configured origin, such as `https://lab.example.org`; empty if the
///   service is reached at the address in the `Host` header
record ServiceOrigin(Optional<String> publicOrigin) {
  static final CharSequence FETCH_SITE = HttpHeaders.createOptimized("Sec-Fetch-Site");

  /// The origin at which the sender of a request reaches the service.
  String of(HttpServerRequest request) {
    return publicOrigin.orElseGet(() -> requestOrigin(request));
  }

  private static String requestOrigin(HttpServerRequest request) {
    String host = request.getHeader(HttpHeaders.HOST);
    return (request.isSSL() ? "https://" : "http://")
        + (host == null
            ? "localhost:" + request.localAddress().port()
            : host.toLowerCase(Locale.ROOT));
  }

  /// Whether the connection of the browser is encrypted, up to the service or a proxy before it.
  boolean isSecure(HttpServerRequest request) {
    return request.isSSL() || publicOrigin.filter(it -> it.startsWith("https:")).isPresent();
  }

  /// Whether an `Origin` header names this service.
  boolean isOwn(String origin, HttpServerRequest request) {
    return origin.equals(requestOrigin(request)) || publicOrigin.filter(origin::equals).isPresent();
  }

  /// Whether a browser declares that a page of this service sent the request. A proxy may have
  /// changed the `Host` header, so the browser's own comparison counts as well.
  boolean isFromOwnPage(HttpServerRequest request) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    return "same-origin".equals(request.getHeader(FETCH_SITE))
        || (origin != null && isOwn(origin, request));
  }
}
