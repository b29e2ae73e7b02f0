package dev.agentlab.security;

import static dev.agentlab.security.FakeIdentityProvider.token;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.secrets.Secret;
import dev.agentlab.upstream.EgressPolicy;
import dev.agentlab.upstream.Resolver;
import dev.agentlab.upstream.UpstreamClient;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// A fixture with an identity provider, an authenticator for its tokens, and an adjustable clock.
final class OidcFixture implements AutoCloseable {
  static final RSAKey RSA = rsa("rsa");
  static final RSAKey OTHER = rsa("other");
  static final ECKey EC = ec(Curve.P_256, "ec");
  static final ECKey LARGER = ec(Curve.P_384, "larger");
  static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final GrantableScopes SCOPES =
      new GrantableScopes(
          Stream.of("agents:read", "invoke", "proxy", "keys:admin", "audit:read")
              .map(Scope::new)
              .toList());

  private final EventLoops loops = new EventLoops();
  private final UpstreamClient upstream =
      new UpstreamClient(
          loops,
          new EgressPolicy(true, List.of()),
          Resolver.system(),
          TIMEOUT,
          new MemoryBudget(64 << 20));
  final FakeIdentityProvider provider = new FakeIdentityProvider(RSA, EC);
  private volatile Instant now = Instant.parse("2030-01-01T00:00:00Z");
  final OidcAuthenticator authenticator = authenticator("scope");

  OidcAuthenticator authenticator(String scopesClaim) {
    return new OidcAuthenticator(
        new OidcSettings(provider.issuer(), "lab", scopesClaim),
        SCOPES,
        new JwtVerifier(provider.issuer(), upstream, () -> now),
        () -> now);
  }

  void advance(Duration time) {
    now = now.plus(time);
  }

  /// The time `seconds` from now.
  Date secondsFromNow(long seconds) {
    return Date.from(now.plusSeconds(seconds));
  }

  /// The claims of a valid token.
  JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .issuer(provider.issuer())
        .audience("lab")
        .subject("user-1")
        .expirationTime(secondsFromNow(600))
        .claim("scope", "openid agents:read");
  }

  /// Creates a signed token with modified claims.
  String signedToken(UnaryOperator<JWTClaimsSet.Builder> change) throws Exception {
    return token(JWSAlgorithm.RS256, RSA, change.apply(claims()).build());
  }

  String validToken() throws Exception {
    return signedToken(it -> it);
  }

  AuthenticationResult verify(String token) {
    return authenticator.verify(Secret.of(token));
  }

  Caller acceptedCaller(String token) {
    AuthenticationResult result = verify(token);
    assertThat(result).isInstanceOf(AuthenticationResult.Accepted.class);
    return ((AuthenticationResult.Accepted) result).caller();
  }

  void assertRejected(String token, String reason) {
    assertThat(verify(token))
        .isInstanceOfSatisfying(
            AuthenticationResult.Refused.class,
            refused -> {
              assertThat(refused.detail()).contains(reason);
              assertThat(token.isEmpty() || !refused.detail().contains(token)).isTrue();
            });
    assertThat(authenticator.check(Secret.of(token)))
        .isNotInstanceOf(AuthenticationResult.Accepted.class);
  }

  private static RSAKey rsa(String id) {
    try {
      return new RSAKeyGenerator(2048).keyID(id).generate();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static ECKey ec(Curve curve, String id) {
    try {
      return new ECKeyGenerator(curve).keyID(id).generate();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() throws IOException, TimeoutException {
    provider.close();
    upstream.stop(TIMEOUT);
    loops.stop(TIMEOUT);
  }
}
