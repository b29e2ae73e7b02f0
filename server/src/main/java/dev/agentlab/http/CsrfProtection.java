package dev.agentlab.http;

import dev.agentlab.errors.Excerpt;
import io.vertx.core.http.HttpHeaders;
import java.util.Optional;

/// Prevents cross-site request forgery (CSRF). Where no credential is required, a page of another
/// origin could make a browser on this machine submit a form here, which browsers send without a
/// preflight. A browser adds the session cookie to a request, whichever page sends it.
final class CsrfProtection {
  private CsrfProtection() {}

  /// Rejects cross-origin requests that change state. Not applied to requests with a credential.
  ///
  /// @return the same head
  /// @throws RequestRejectedException if the method is not `GET` or `HEAD` and the origin is
  ///   neither this service nor allowed by CORS
  static RequestHead requireSameOrigin(
      RequestHead head, ServiceOrigin service, Optional<CorsHeaders> cors) {
    String origin = head.request().getHeader(HttpHeaders.ORIGIN);
    if (origin == null || isSafe(head)) {
      return head;
    }
    String host = head.request().getHeader(HttpHeaders.HOST);
    boolean sameOrigin =
        service.isOwn(origin, head.request())
            || origin.equals("http://" + host)
            || origin.equals("https://" + host);
    if (!sameOrigin && cors.filter(allowed -> allowed.allows(origin)).isEmpty()) {
      throw RequestRejectedException.of(
          ProblemType.FORBIDDEN,
          "cross-origin requests that change state require a credential; to allow this origin, add"
              + " it to the origins that CORS allows");
    }
    return head;
  }

  private static boolean isSafe(RequestHead head) {
    return head.method().equals(Optional.of(Method.GET));
  }

  /// Rejects a request with a session cookie that a page of another origin sent, and one that
  /// changes state without a proof that a page of this service sent it. Origins that CORS allows
  /// are no exception. Without any page, as when the address was typed, a request can only read.
  ///
  /// @return the same head
  /// @throws RequestRejectedException if the request is rejected
  static RequestHead requireOwnPageOfSession(RequestHead head, ServiceOrigin service) {
    boolean hasOrigin = head.request().headers().contains(HttpHeaders.ORIGIN);
    String site = head.request().getHeader(ServiceOrigin.FETCH_SITE);
    boolean isAccepted =
        site == null
            ? (isSafe(head) && !hasOrigin) || service.isFromOwnPage(head.request())
            : site.equals("same-origin") || (site.equals("none") && isSafe(head) && !hasOrigin);
    if (!isAccepted) {
      throw foreignPage(head, service, "the session cookie is");
    }
    return head;
  }

  /// Rejects a request to a public route that changes state, if a page of another origin sent it:
  /// such a page must not sign its visitor in as someone else.
  ///
  /// @return the same head
  /// @throws RequestRejectedException if the request is rejected
  static RequestHead requireOwnPageIfAny(RequestHead head, ServiceOrigin service) {
    boolean hasOrigin = head.request().headers().contains(HttpHeaders.ORIGIN);
    if (hasOrigin && !isSafe(head) && !service.isFromOwnPage(head.request())) {
      throw foreignPage(head, service, "this request is");
    }
    return head;
  }

  private static RequestRejectedException foreignPage(
      RequestHead head, ServiceOrigin service, String subject) {
    String origin = head.request().getHeader(HttpHeaders.ORIGIN);
    return RequestRejectedException.of(
        ProblemType.FORBIDDEN,
        "%s accepted only from pages of %s, the Origin was %s; if the browser shows another address"
                .formatted(
                    subject,
                    service.of(head.request()),
                    origin == null ? "absent" : "\"" + Excerpt.of(origin) + "\"")
            + " of this service, set server.public_url (SERVER_PUBLIC_URL) to it");
  }
}
