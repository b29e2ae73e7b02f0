package dev.agentlab.http;

import io.vertx.core.http.HttpHeaders;
import java.util.Optional;

/// Prevents cross-site request forgery (CSRF). Where no credential is required, a page of another
/// origin could make a browser on this machine submit a form here, which browsers send without a
/// preflight.
final class CsrfProtection {
  private CsrfProtection() {}

  /// Rejects cross-origin requests that change state. Not applied to requests with a credential.
  ///
  /// @return the same head
  /// @throws RequestRejectedException if the method is not `GET` or `HEAD` and the origin is
  ///   neither this service nor allowed by CORS
  static RequestHead requireSameOrigin(RequestHead head, Optional<CorsHeaders> cors) {
    String origin = head.request().getHeader(HttpHeaders.ORIGIN);
    if (origin == null || head.method().equals(Optional.of(Method.GET))) {
      return head;
    }
    String host = head.request().getHeader(HttpHeaders.HOST);
    boolean sameOrigin = origin.equals("http://" + host) || origin.equals("https://" + host);
    if (!sameOrigin && cors.filter(allowed -> allowed.allows(origin)).isEmpty()) {
      throw RequestRejectedException.of(
          ProblemType.FORBIDDEN,
          "cross-origin requests that change state require a credential; to allow this origin, add"
              + " it to the origins that CORS allows");
    }
    return head;
  }
}
