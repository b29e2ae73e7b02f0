package dev.agentlab.http;

import dev.agentlab.secrets.Secret;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Optional;

/// What a request shows to say who sends it: `Authorization: Bearer …` (RFC 6750) or `X-Api-Key:
/// …`.
final class RequestCredential {
  private static final CharSequence API_KEY = HttpHeaders.createOptimized("X-Api-Key");
  private static final String BEARER = "Bearer ";

  private RequestCredential() {}

  /// The one credential; empty if there is none.
  ///
  /// @throws Refusal if there are several, or one of a kind that is not known here
  static Optional<Secret> of(MultiMap headers) {
    List<String> authorization = headers.getAll(HttpHeaders.AUTHORIZATION);
    List<String> key = headers.getAll(API_KEY);
    if (authorization.size() > 1) {
      throw RequestRejectedException.invalid("Authorization", "is given more than once");
    }
    if (key.size() > 1) {
      throw RequestRejectedException.invalid("X-Api-Key", "is given more than once");
    }
    if (!authorization.isEmpty() && !key.isEmpty()) {
      throw RequestRejectedException.invalid(
          "X-Api-Key", "is given beside Authorization; send one of the two");
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
      throw unauthenticated("the Authorization header must be 'Bearer ' and an API key");
    }
    return Secret.of(authorization.substring(BEARER.length()).strip());
  }

  /// For a request that does not show who sends it (RFC 9110, section 15.5.2).
  static RequestRejectedException unauthenticated(String detail) {
    return RequestRejectedException.of(ProblemType.UNAUTHENTICATED, detail)
        .with("WWW-Authenticate", "Bearer");
  }
}
