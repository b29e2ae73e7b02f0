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

/// Knows callers by the tokens of one provider. A token counts when it is signed with a key that
/// the provider publishes, by one of three algorithms, is of no other kind, and its claims say that
/// it is from the provider, for this service, and of now (RFC 7519, RFC 8725). What a token's
/// header says of keys, other than the id of one, is not looked at. Safe for all threads.
public final class OidcAuthenticator implements Authenticator {
  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(JWSAlgorithm.RS256, JWSAlgorithm.PS256, JWSAlgorithm.ES256);

  /// Of what kind a token may say it is, in lower case: any, or an access token (RFC 9068). The
  /// provider signs other kinds with the same keys.
  private static final Set<String> TYPES = Set.of("jwt", "at+jwt", "application/at+jwt");

  private static final int LONGEST = 8 << 10;
  private static final int SHORTEST_RSA = 2048;

  private static final int PARTS = 3;

  private static final AuthenticationResult.Refused NO_TOKEN =
      new AuthenticationResult.Refused(
          "the credential is no API key of this service and no signed token");

  private final ClaimsValidator claims;
  private final SigningKeys keys;
  private final VerifiedTokenCache verified = new VerifiedTokenCache();
  private final InstantSource clock;

  /// @param transport the way to the provider, held to the egress policy
  public OidcAuthenticator(OidcSettings settings, Transport transport, InstantSource clock) {
    this.claims = new ClaimsValidator(settings);
    this.keys = new SigningKeys(new OidcDiscovery(settings.issuer(), transport), clock);
    this.clock = clock;
  }

  /// What is known of a token without waiting. Any text may be asked about.
  @Override
  public AuthenticationResult check(Secret token) {
    String text = token.reveal();
    if (text.length() > LONGEST || !isSigned(text)) {
      return NO_TOKEN;
    }
    return verified
        .find(text, clock.instant())
        .<AuthenticationResult>map(AuthenticationResult.Accepted::new)
        .orElseGet(AuthenticationResult.Undecided::new);
  }

  /// What a token comes to. May wait for the provider.
  ///
  /// @return never [AuthenticationResult.Undecided]
  /// @throws dev.agentlab.errors.UnavailableException if the provider's keys are not known and it
  ///   cannot be asked now
  @Override
  public AuthenticationResult verify(Secret token) {
    AuthenticationResult known = check(token);
    return known instanceof AuthenticationResult.Undecided ? verdict(token.reveal()) : known;
  }

  /// Whether it is three parts of base64url; the signature may not be empty.
  private static boolean isSigned(String text) {
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
    return parts == PARTS;
  }

  private static boolean isBase64Url(char c) {
    return (c >= 'A' && c <= 'Z')
        || (c >= 'a' && c <= 'z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '_';
  }

  private AuthenticationResult verdict(String text) {
    try {
      SignedJWT token = SignedJWT.parse(text);
      requireSigned(token);
      ClaimsValidator.Verified caller = claims.verify(claims(token), clock.instant());
      verified.put(text, caller, clock.instant());
      return new AuthenticationResult.Accepted(caller.caller());
    } catch (ParseException e) {
      return NO_TOKEN;
    } catch (RefusedToken e) {
      return new AuthenticationResult.Refused(String.valueOf(e.getMessage()));
    }
  }

  private static JWTClaimsSet claims(SignedJWT token) {
    try {
      return Optional.ofNullable(token.getJWTClaimsSet())
          .orElseThrow(() -> new RefusedToken("the token has no claims"));
    } catch (ParseException e) {
      throw new RefusedToken("the token's claims are malformed");
    }
  }

  private void requireSigned(SignedJWT token) {
    JWSAlgorithm algorithm = token.getHeader().getAlgorithm();
    if (!ALGORITHMS.contains(algorithm)) {
      throw new RefusedToken("the token must be signed by RS256, PS256 or ES256");
    }
    JOSEObjectType type = token.getHeader().getType();
    if (type != null && !TYPES.contains(type.getType().toLowerCase(Locale.ROOT))) {
      throw new RefusedToken("the token's header says that it is no access token (typ)");
    }
    if (token.getHeader().getCriticalParams() != null) {
      throw new RefusedToken("the token's header asks for an extension");
    }
    Optional<String> id = Optional.ofNullable(token.getHeader().getKeyID());
    List<JWK> fit = keys.of(id).stream().filter(key -> fits(key, algorithm)).toList();
    if (fit.isEmpty()) {
      throw new RefusedToken("the token is signed with a key that its issuer does not publish");
    }
    if (fit.stream().noneMatch(key -> isSignedWith(key, token))) {
      throw new RefusedToken("the token's signature is wrong");
    }
  }

  /// Whether a key is for signatures of that algorithm and strong enough.
  private static boolean fits(JWK key, JWSAlgorithm algorithm) {
    boolean meant =
        (key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE))
            && (key.getAlgorithm() == null || key.getAlgorithm().equals(algorithm));
    return meant
        && switch (key) {
          case RSAKey rsa -> isRsa(algorithm) && rsa.size() >= SHORTEST_RSA;
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

  /// A token that lets nobody in; the message says why, for the caller. No fault, so no trace.
  static final class RefusedToken extends RuntimeException {
    RefusedToken(String message) {
      super(message, null, false, false);
    }
  }
}
