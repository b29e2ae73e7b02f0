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
import dev.agentlab.security.OidcAuthenticator.InvalidTokenException;
import dev.agentlab.upstream.Transport;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Verifies the signature and the header of a token of one identity provider. The caller validates
/// the claims. Safe for all threads.
public final class JwtVerifier {
  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(JWSAlgorithm.RS256, JWSAlgorithm.PS256, JWSAlgorithm.ES256);

  /// The accepted token types (typ), in lower case: a plain JWT or an access token (RFC 9068). The
  /// identity provider signs tokens of other types with the same keys.
  private static final Set<String> TYPES = Set.of("jwt", "at+jwt", "application/at+jwt");

  private static final int MIN_RSA_BITS = 2048;

  private final SigningKeyCache keys;

  /// @param issuer the identifier of the identity provider
  /// @param transport the transport to the identity provider, which enforces the egress policy
  public JwtVerifier(String issuer, Transport transport, InstantSource clock) {
    keys = new SigningKeyCache(new OidcDiscovery(issuer, transport), clock);
  }

  /// Verifies a token and returns its claims. May wait for a response of the identity provider.
  ///
  /// @throws ParseException if the text is not a signed token
  /// @throws InvalidTokenException if the signature or the header is invalid
  /// @throws dev.agentlab.errors.UnavailableException if the keys of the identity provider are not
  ///   known and cannot be fetched now
  JWTClaimsSet verify(String text) throws ParseException {
    SignedJWT token = SignedJWT.parse(text);
    verifySignature(token);
    return claims(token);
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
}
