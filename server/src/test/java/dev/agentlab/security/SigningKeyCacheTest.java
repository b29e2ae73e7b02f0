package dev.agentlab.security;

import static dev.agentlab.security.FakeIdentityProvider.token;
import static dev.agentlab.security.OidcFixture.EC;
import static dev.agentlab.security.OidcFixture.OTHER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.testing.Await;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Key rotation and outages of the identity provider.
class SigningKeyCacheTest {
  private final OidcFixture oidc = new OidcFixture();

  @AfterEach
  void stop() throws Exception {
    oidc.close();
  }

  @Test
  void withdrawnKeyIsRejectedAfterARefresh() throws Exception {
    String token = oidc.signedToken(it -> it.expirationTime(oidc.secondsFromNow(100_000)));
    oidc.acceptedCaller(token);
    oidc.provider.publish(EC);
    oidc.advance(SigningKeyCache.REFRESH_AGE.plusSeconds(1));

    // The request that finds expired keys starts a fetch in the background.
    AtomicInteger others = new AtomicInteger();
    Await.until(
        "the old key is not accepted",
        () -> oidc.verify(otherToken(others.getAndIncrement())),
        it -> !(it instanceof AuthenticationResult.Accepted));
    oidc.advance(VerifiedTokenCache.MAX_AGE.plusSeconds(1));
    oidc.assertRejected(token, "does not publish");
  }

  private String otherToken(int number) throws Exception {
    return oidc.signedToken(it -> it.subject("other-" + number));
  }

  @Test
  void unknownKeyIdFetchesTheNewKey() throws Exception {
    oidc.acceptedCaller(oidc.validToken());
    oidc.provider.publish(OTHER);
    oidc.advance(SigningKeyCache.MIN_FETCH_INTERVAL);

    assertThat(oidc.acceptedCaller(token(JWSAlgorithm.RS256, OTHER, oidc.claims().build())).id())
        .isEqualTo("user-1");
    assertThat(oidc.provider.requestCount()).isEqualTo(2);
  }

  @Test
  void manyUnknownKeyIdsCauseOneFetch() throws Exception {
    oidc.acceptedCaller(oidc.validToken());
    oidc.advance(SigningKeyCache.MIN_FETCH_INTERVAL);
    List<String> flood =
        IntStream.range(0, 100)
            .mapToObj(i -> {
              JWK named = new RSAKey.Builder(OTHER).keyID("unknown-" + i).build();
              try {
                return token(JWSAlgorithm.RS256, named, oidc.claims().build());
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            })
            .toList();

    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<AuthenticationResult> verdict :
          callers.invokeAll(
              flood.stream()
                  .map(it -> (Callable<AuthenticationResult>) () -> oidc.verify(it))
                  .toList())) {
        assertThat(verdict.get()).isInstanceOf(AuthenticationResult.Refused.class);
      }
    }
    assertThat(oidc.provider.requestCount()).isEqualTo(2);
    oidc.acceptedCaller(oidc.signedToken(it -> it.subject("user-2")));
  }

  @Test
  void cachedKeysRemainValidDuringAnOutageUntilTheirMaxAge() throws Exception {
    oidc.acceptedCaller(oidc.validToken());
    oidc.provider.setStatus(503);
    oidc.advance(SigningKeyCache.MAX_AGE.minusSeconds(1));
    assertThat(oidc.acceptedCaller(oidc.validToken()).id()).isEqualTo("user-1");

    oidc.advance(SigningKeyCache.MIN_FETCH_INTERVAL);
    String later = oidc.validToken();
    assertThatThrownBy(() -> oidc.verify(later)).isInstanceOf(UnavailableException.class);

    oidc.provider.setStatus(200);
    oidc.advance(SigningKeyCache.MIN_FETCH_INTERVAL);
    assertThat(oidc.acceptedCaller(later).id()).isEqualTo("user-1");
  }

  @Test
  void unavailableProviderIsRetriedAfterAnInterval() throws Exception {
    oidc.provider.setStatus(500);
    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(() -> oidc.verify(oidc.validToken()))
          .isInstanceOfSatisfying(
              UnavailableException.class,
              e -> assertThat(e.retryAfter()).isEqualTo(SigningKeyCache.MIN_FETCH_INTERVAL));
    }
    assertThat(oidc.provider.requestCount()).isEqualTo(1);
  }

  @Test
  void wrongIssuerOrUnsafeKeysUrlIsRejected() throws Exception {
    oidc.provider.setIssuer("https://evil.example");
    assertThatThrownBy(() -> oidc.verify(oidc.validToken()))
        .hasMessageContaining("identity provider");

    oidc.provider.setIssuer(oidc.provider.issuer());
    for (String url : List.of("http://192.0.2.1/keys", "", "keys", "file:///etc/passwd")) {
      oidc.provider.setKeysUrl(url);
      oidc.advance(SigningKeyCache.MIN_FETCH_INTERVAL);
      assertThatThrownBy(() -> oidc.verify(oidc.validToken()))
          .isInstanceOf(UnavailableException.class);
    }
  }
}
