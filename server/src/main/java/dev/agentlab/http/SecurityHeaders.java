package dev.agentlab.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

/// The security headers of every response. The values are encoded once and shared.
final class SecurityHeaders {
  /// A header field with encoded name and value.
  private record Field(CharSequence name, CharSequence value) {
    static Field of(String name, String value) {
      return new Field(HttpHeaders.createOptimized(name), HttpHeaders.createOptimized(value));
    }
  }

  /// Responses are not web pages: a browser that opens one as a page must not load, run or submit
  /// anything. A route that returns a page overrides this header.
  private static final Field CONTENT_SECURITY_POLICY =
      Field.of(
          "Content-Security-Policy",
          "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");

  /// For browsers that do not support `frame-ancestors`.
  private static final Field FRAME_OPTIONS = Field.of("X-Frame-Options", "DENY");

  private static final Field CONTENT_TYPE_OPTIONS = Field.of("X-Content-Type-Options", "nosniff");
  private static final Field REFERRER_POLICY = Field.of("Referrer-Policy", "no-referrer");

  /// Prevents other sites from embedding responses as images, scripts and the like. Does not apply
  /// to CORS requests (Fetch standard, section 3.7).
  private static final Field RESOURCE_POLICY =
      Field.of("Cross-Origin-Resource-Policy", "same-origin");

  private static final Field CACHE_CONTROL = Field.of("Cache-Control", "no-store");

  /// One year (RFC 6797). Without `includeSubDomains`, because subdomains may belong to others.
  private static final Field STRICT_TRANSPORT_SECURITY =
      Field.of("Strict-Transport-Security", "max-age=31536000");

  private static final Field[] ALWAYS = {
    CACHE_CONTROL,
    CONTENT_SECURITY_POLICY,
    RESOURCE_POLICY,
    REFERRER_POLICY,
    CONTENT_TYPE_OPTIONS,
    FRAME_OPTIONS
  };

  private SecurityHeaders() {}

  /// Adds the headers to a response. Must run before the response sets its own headers, which may
  /// override these.
  ///
  /// @param secure whether the connection is encrypted
  static void add(MultiMap headers, boolean secure) {
    for (Field field : ALWAYS) {
      headers.add(field.name(), field.value());
    }
    if (secure) {
      headers.add(STRICT_TRANSPORT_SECURITY.name(), STRICT_TRANSPORT_SECURITY.value());
    }
  }
}
