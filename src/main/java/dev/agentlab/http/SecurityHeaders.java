package dev.agentlab.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

/// What every answer tells browsers not to do with it, whatever it answers. Made once: an answer
/// only refers to them.
final class SecurityHeaders {
  /// One field, encoded once.
  private record Field(CharSequence name, CharSequence value) {
    static Field of(String name, String value) {
      return new Field(HttpHeaders.createOptimized(name), HttpHeaders.createOptimized(value));
    }
  }

  /// No answer here is a page: opened as one it may load, run and submit nothing. A route that does
  /// answer a page says in its own headers what that may do.
  private static final Field CONTENT =
      Field.of(
          "Content-Security-Policy",
          "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");

  /// Of the browsers that do not know `frame-ancestors`.
  private static final Field FRAMES = Field.of("X-Frame-Options", "DENY");

  private static final Field TYPE = Field.of("X-Content-Type-Options", "nosniff");
  private static final Field REFERRER = Field.of("Referrer-Policy", "no-referrer");

  /// Keeps answers out of other sites' pages as images, scripts and the like. What CORS allows is
  /// not held to it (Fetch standard, section 3.7).
  private static final Field RESOURCE = Field.of("Cross-Origin-Resource-Policy", "same-origin");

  private static final Field CACHE = Field.of("Cache-Control", "no-store");

  /// A year (RFC 6797). Nothing is said of other names below this one: they are not ours.
  private static final Field TRANSPORT = Field.of("Strict-Transport-Security", "max-age=31536000");

  private static final Field[] ALWAYS = {CACHE, CONTENT, RESOURCE, REFERRER, TYPE, FRAMES};

  private SecurityHeaders() {}

  /// Puts them in the head of an answer, before any that the answer has of its own, which may
  /// replace them.
  ///
  /// @param secure whether the connection is encrypted
  static void add(MultiMap headers, boolean secure) {
    for (Field field : ALWAYS) {
      headers.add(field.name(), field.value());
    }
    if (secure) {
      headers.add(TRANSPORT.name(), TRANSPORT.value());
    }
  }
}
