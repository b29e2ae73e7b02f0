package dev.agentlab.http;

import dev.agentlab.secrets.Secret;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The credential of a request: `Authorization: Bearer …` (RFC 6750), a header field with the key
/// alone, as the clients of the vendors send it, or the session cookie of a browser.
///
/// @param isSession whether it is the token of a session, from the cookie
public record RequestCredential(Secret secret, boolean isSession) {
  private static final List<CharSequence> KEY_HEADERS =
      Stream.of("X-Api-Key", "Api-Key", "X-Goog-Api-Key")
          .<CharSequence>map(HttpHeaders::createOptimized)
          .toList();

  private static final String BEARER = "Bearer ";

  /// The headers of a response with status 401.
  static final Map<String, String> CHALLENGE = Map.of("WWW-Authenticate", "Bearer");

  /// Returns the credential in the header fields; empty if there is none.
  ///
  /// @throws RequestRejectedException if there are several different ones, or the scheme is
  ///   unsupported
  static Optional<RequestCredential> ofHeaders(MultiMap headers) {
    Optional<Secret> found =
        single(headers, HttpHeaders.AUTHORIZATION).map(RequestCredential::bearer);
    for (CharSequence header : KEY_HEADERS) {
      Optional<Secret> key = single(headers, header).map(Secret::of);
      if (key.isEmpty()) {
        continue;
      }
      if (found.isPresent() && !found.equals(key)) {
        throw RequestRejectedException.invalid(
            header.toString(),
            "must have the same credential as the other header fields, or be absent");
      }
      found = key;
    }
    return found.map(secret -> new RequestCredential(secret, false));
  }

  /// Returns the session token in a cookie; empty if there is none.
  static Optional<RequestCredential> of(HostCookie session) {
    return session.value().map(token -> new RequestCredential(token, true));
  }

  private static Optional<String> single(MultiMap headers, CharSequence name) {
    String first = headers.get(name);
    if (first != null && headers.getAll(name).size() > 1) {
      throw RequestRejectedException.invalid(name.toString(), "must not be given more than once");
    }
    return Optional.ofNullable(first);
  }

  private static Secret bearer(String authorization) {
    if (!authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      throw unauthenticated("Authorization: must be 'Bearer ' followed by an API key or a token");
    }
    return Secret.of(authorization.substring(BEARER.length()).strip());
  }

  /// Creates a 401 response (RFC 9110, section 15.5.2).
  static RequestRejectedException unauthenticated(String detail) {
    return RequestRejectedException.of(ProblemType.UNAUTHENTICATED, detail).withHeaders(CHALLENGE);
  }
}
