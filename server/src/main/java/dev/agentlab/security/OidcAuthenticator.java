package dev.agentlab.security;

import dev.agentlab.secrets.Secret;
import java.text.ParseException;
import java.time.InstantSource;

/// Authenticates callers by the tokens of one identity provider. A token is accepted if it is
/// signed with a published key of the provider by one of three algorithms, has an accepted type,
/// and its claims have the expected issuer and audience and are valid now (RFC 7519, RFC 8725). Key
/// parameters in the token's header other than the key id are ignored. Safe for all threads.
public final class OidcAuthenticator implements Authenticator {
  private static final int MAX_TOKEN_LENGTH = 8 << 10;

  private static final int TOKEN_PARTS = 3;

  private static final AuthenticationResult.Refused NOT_A_TOKEN =
      new AuthenticationResult.Refused(
          "the credential is neither an API key nor a signed token (JWS)");

  private final ClaimsValidator claims;
  private final JwtVerifier signatures;
  private final VerifiedTokenCache verified;
  private final InstantSource clock;

  /// @param scopes the scopes that a token can grant; others are ignored
  /// @param signatures verifies tokens of the issuer of the settings
  public OidcAuthenticator(
      OidcSettings settings, GrantableScopes scopes, JwtVerifier signatures, InstantSource clock) {
    this.claims = new ClaimsValidator(settings, scopes);
    this.signatures = signatures;
    this.verified = new VerifiedTokenCache(clock);
    this.clock = clock;
  }

  /// Authenticates a token from the cache of verified tokens.
  @Override
  public AuthenticationResult check(Secret token) {
    String text = token.reveal();
    if (text.length() > MAX_TOKEN_LENGTH || !isCompactJws(text)) {
      return NOT_A_TOKEN;
    }
    return verified
        .find(text)
        .<AuthenticationResult>map(AuthenticationResult.Accepted::new)
        .orElseGet(AuthenticationResult.Undecided::new);
  }

  /// Verifies a token. May wait for a response of the identity provider.
  ///
  /// @return never [AuthenticationResult.Undecided]
  /// @throws dev.agentlab.errors.UnavailableException if the keys of the identity provider are not
  ///   known and cannot be fetched now
  @Override
  public AuthenticationResult verify(Secret token) {
    AuthenticationResult cached = check(token);
    return cached instanceof AuthenticationResult.Undecided ? verifyText(token.reveal()) : cached;
  }

  /// Whether a text has three non-empty parts of base64url, as the compact serialization of a JWS.
  private static boolean isCompactJws(String text) {
    int parts = 0;
    int start = 0;
    for (int at = 0; at <= text.length(); at++) {
      if (at == text.length() || text.charAt(at) == '.') {
        if (at == start) {
          return false;
        }
        parts++;
        start = at + 1;
      } else if (!isBase64Url(text.charAt(at))) {
        return false;
      }
    }
    return parts == TOKEN_PARTS;
  }

  private static boolean isBase64Url(char c) {
    return (c >= 'A' && c <= 'Z')
        || (c >= 'a' && c <= 'z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '_';
  }

  private AuthenticationResult verifyText(String text) {
    try {
      ClaimsValidator.VerifiedCaller valid =
          claims.validate(signatures.verify(text), clock.instant());
      verified.put(text, valid);
      return new AuthenticationResult.Accepted(valid.caller());
    } catch (ParseException e) {
      return NOT_A_TOKEN;
    } catch (InvalidTokenException e) {
      return new AuthenticationResult.Refused(String.valueOf(e.getMessage()));
    }
  }

  /// Thrown if a token is invalid. The message is for the caller. Has no stack trace, because an
  /// invalid token is expected.
  static final class InvalidTokenException extends RuntimeException {
    InvalidTokenException(String message) {
      super(message, null, false, false);
    }
  }
}
