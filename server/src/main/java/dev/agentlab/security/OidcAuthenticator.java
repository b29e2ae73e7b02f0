package dev.agentlab.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.agentlab.secrets.Secret;
import dev.agentlab.upstream.Transport;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Authenticates callers by the tokens of one identity provider. A token is accepted if it is
/// signed with a published key of the provider by one of three algorithms, has an accepted type,
/// and its claims have the expected issuer and audience and are valid now (RFC 7519, RFC 8725). Key
/// parameters in the token's header other than the key id are ignored. Safe for all threads.
public final class OidcAuthenticator implements Authenticator {
  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(JWSAlgorithm.RS256, JWSAlgorithm.PS256, JWSAlgorithm.ES256);

  /// The accepted token types (typ), in lower case: a plain JWT or an access token (RFC 9068). The
  /// identity provider signs tokens of other types with the same keys.
  private static final Set<String> TYPES = Set.of("jwt", "at+jwt", "application/at+jwt");

  private static final int MAX_TOKEN_LENGTH = 8 << 10;
  private static final int MIN_RSA_BITS = 2048;

  private static final int TOKEN_PARTS = 3;

  private static final AuthenticationResult.Refused NOT_A_TOKEN =
      new AuthenticationResult.Refused(
          "the credential is neither an API key nor a signed token (JWS)");

  private final ClaimsValidator claims;
  private final SigningKeyCache keys;
  private final VerifiedTokenCache verified;
  private final InstantSource clock;

  /// @param scopes the scopes that a token can grant; others are ignored
  /// @param transport the transport to the identity provider, which enforces the egress policy
  public OidcAuthenticator(
      OidcSettings settings, GrantableScopes scopes, Transport transport, InstantSource clock) {
    this.claims = new ClaimsValidator(settings, scopes);
    this.keys = new SigningKeyCache(new OidcDiscovery(settings.issuer(), transport), clock);
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
      SignedJWT token = SignedJWT.parse(text);
      verifySignature(token);
      ClaimsValidator.VerifiedCaller valid = claims.validate(claims(token), clock.instant());
      verified.put(text, valid);
      return new AuthenticationResult.Accepted(valid.caller());
    } catch (ParseException e) {
      return NOT_A_TOKEN;
    } catch (InvalidTokenException e) {
      return new AuthenticationResult.Refused(String.valueOf(e.getMessage()));
    }
  }

  private static JWTClaimsSet claims(SignedJWT token) {
    try {
      return Optional.ofNullable(token.getJWTClaimsSet())
          .orElseThrow(() -> new InvalidTokenException("the token has no claims"));
    } catch (ParseException e) {
      throw new InvalidTokenException("the token's claims are malformed");
    }
  }

  private void verifySignature(SignedJWT token) {
    JWSAlgorithm algorithm = token.getHeader().getAlgorithm();
    if (!ALGORITHMS.contains(algorithm)) {
      throw new InvalidTokenException("the token must be signed with RS256, PS256 or ES256");
    }
    JOSEObjectType type = token.getHeader().getType();
    if (type != null && !TYPES.contains(type.getType().toLowerCase(Locale.ROOT))) {
      throw new InvalidTokenException("the token's type (typ) must be JWT or at+jwt");
    }
    if (token.getHeader().getCriticalParams() != null) {
      throw new InvalidTokenException("the token's header must not require an extension (crit)");
    }
    Optional<String> id = Optional.ofNullable(token.getHeader().getKeyID());
    List<JWK> usable = keys.find(id).stream().filter(key -> isUsable(key, algorithm)).toList();
    if (usable.isEmpty()) {
      throw new InvalidTokenException(
          "the token is signed with a key that its issuer does not publish");
    }
    if (usable.stream().noneMatch(key -> isSignedWith(key, token))) {
      throw new InvalidTokenException("the token's signature is invalid");
    }
  }

  /// Whether a key is intended for signatures with the algorithm and is long enough.
  private static boolean isUsable(JWK key, JWSAlgorithm algorithm) {
    boolean isIntended =
        (key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE))
            && (key.getAlgorithm() == null || key.getAlgorithm().equals(algorithm));
    return isIntended
        && switch (key) {
          case RSAKey rsa -> isRsa(algorithm) && rsa.size() >= MIN_RSA_BITS;
          case ECKey ec -> !isRsa(algorithm) && ec.getCurve().equals(Curve.P_256);
          default -> false;
        };
  }

  private static boolean isRsa(JWSAlgorithm algorithm) {
    return !algorithm.equals(JWSAlgorithm.ES256);
  }

  private static boolean isSignedWith(JWK key, SignedJWT token) {
    try {
      JWSVerifier verifier =
          key instanceof ECKey ec
              ? new ECDSAVerifier(ec.toECPublicKey())
              : new RSASSAVerifier(key.toRSAKey().toRSAPublicKey());
      return token.verify(verifier);
    } catch (JOSEException | IllegalStateException e) {
      return false;
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
