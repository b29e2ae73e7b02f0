package dev.agentlab.http;

import dev.agentlab.secrets.Secret;
import java.time.Duration;
import java.util.Optional;

/// A cookie of this host (RFC 6265bis), which scripts cannot read and other sites can send only by
/// a link. Over an encrypted connection it has the prefix `__Host-`, so that neither a subdomain
/// nor a plaintext connection can set it.
///
/// @param name the name without the prefix
/// @param secure whether the connection of the browser is encrypted
/// @param value as the request has it
public record HostCookie(String name, boolean secure, Optional<Secret> value) {
  /// The name of the cookie with the token of a session.
  public static final String SESSION = "agent_lab_session";

  private static final String PREFIX = "__Host-";

  /// Reads a cookie; the first of several with the name.
  ///
  /// @param cookies the value of the header `Cookie`; empty if there is none
  static HostCookie read(String name, boolean secure, String cookies) {
    String start = fullName(name, secure) + "=";
    int from = 0;
    while (from < cookies.length()) {
      int semicolon = cookies.indexOf(';', from);
      int end = semicolon < 0 ? cookies.length() : semicolon;
      String cookie = cookies.substring(from, end).strip();
      if (cookie.startsWith(start)) {
        return new HostCookie(
            name, secure, Optional.of(Secret.of(cookie.substring(start.length()))));
      }
      from = end + 1;
    }
    return new HostCookie(name, secure, Optional.empty());
  }

  private static String fullName(String name, boolean secure) {
    return secure ? PREFIX + name : name;
  }

  /// The value of a header `Set-Cookie` that sets the cookie.
  ///
  /// @param maxAge how long the browser keeps it
  public String set(Secret newValue, Duration maxAge) {
    return "%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Lax%s"
        .formatted(
            fullName(name, secure),
            newValue.reveal(),
            maxAge.toSeconds(),
            secure ? "; Secure" : "");
  }

  /// The value of a header `Set-Cookie` that deletes the cookie.
  public String clear() {
    return set(Secret.of(""), Duration.ZERO);
  }
}
