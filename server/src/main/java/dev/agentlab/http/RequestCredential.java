package dev.agentlab.http;

import dev.agentlab.secrets.Secret;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Optional;

/// The credential of a request: `Authorization: Bearer …` (RFC 6750) or `X-Api-Key: …`.
final class RequestCredential {
  private static final CharSequence API_KEY = HttpHeaders.createOptimized("X-Api-Key");
  private static final String BEARER = "Bearer ";

  private RequestCredential() {}

  /// Returns the credential; empty if there is none.
  ///
  /// @throws RequestRejectedException if there is more than one, or its scheme is unsupported
  static Optional<Secret> of(MultiMap headers) {
    List<String> authorization = headers.getAll(HttpHeaders.AUTHORIZATION);
    List<String> key = headers.getAll(API_KEY);
    if (authorization.size() > 1) {
      throw RequestRejectedException.invalid("Authorization", "must not be given more than once");
    }
    if (key.size() > 1) {
      throw RequestRejectedException.invalid("X-Api-Key", "must not be given more than once");
    }
    if (!authorization.isEmpty() && !key.isEmpty()) {
      throw RequestRejectedException.invalid(
          "X-Api-Key", "must not be combined with Authorization; send one of the two");
    }
    if (!key.isEmpty()) {
      return Optional.of(Secret.of(key.getFirst()));
    }
    return authorization.isEmpty()
        ? Optional.empty()
        : Optional.of(bearer(authorization.getFirst()));
  }

  private static Secret bearer(String authorization) {
    if (!authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      throw unauthenticated("Authorization: must be 'Bearer ' followed by an API key or a token");
    }
    return Secret.of(authorization.substring(BEARER.length()).strip());
  }

  /// Creates a 401 response (RFC 9110, section 15.5.2).
  static RequestRejectedException unauthenticated(String detail) {
    return RequestRejectedException.of(ProblemType.UNAUTHENTICATED, detail)
        .withHeader("WWW-Authenticate", "Bearer");
  }
}
