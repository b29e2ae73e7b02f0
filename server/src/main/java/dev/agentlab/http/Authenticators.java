package dev.agentlab.http;

import dev.agentlab.security.Authenticator;
import java.util.Optional;

/// The authenticators of a server, by the place of the credential in the request. A session token
/// is never accepted in a header, nor an API key in a cookie.
///
/// @param headers authenticates the credentials of header fields
/// @param sessions authenticates session cookies; empty if cookies are ignored
public record Authenticators(Authenticator headers, Optional<Authenticator> sessions) {

  /// The authenticator for a credential.
  Authenticator of(RequestCredential credential) {
    return credential.isSession() ? sessions.orElseThrow() : headers;
  }
}
