package dev.agentlab.security;

import static dev.agentlab.security.FakeIdentityProvider.token;
import static dev.agentlab.security.Realm.EC;
import static dev.agentlab.security.Realm.OTHER;
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
class SigningKeysTest {
  private final Realm realm = new Realm();

  @AfterEach
  void stop() throws Exception {
    realm.close();
  }

  @Test
  void withdrawnKeyIsRejectedAfterARefresh() throws Exception {
    String token = realm.signedToken(it -> it.expirationTime(realm.secondsFromNow(100_000)));
    realm.acceptedCaller(token);
    realm.provider.publish(EC);
    realm.advance(SigningKeys.REFRESH_AGE.plusSeconds(1));

    // The request that finds expired keys starts a fetch in the background.
    AtomicInteger others = new AtomicInteger();
    Await.until(
        "the old key is not accepted",
        () -> realm.verify(otherToken(others.getAndIncrement())),
        it -> !(it instanceof AuthenticationResult.Accepted));
    realm.advance(VerifiedTokenCache.MAX_AGE.plusSeconds(1));
    realm.assertRejected(token, "does not publish");
  }

  private String otherToken(int number) throws Exception {
    return realm.signedToken(it -> it.subject("other-" + number));
  }

  @Test
  void unknownKeyIdFetchesTheNewKey() throws Exception {
    realm.acceptedCaller(realm.validToken());
    realm.provider.publish(OTHER);
    realm.advance(SigningKeys.MIN_FETCH_INTERVAL);

    assertThat(realm.acceptedCaller(token(JWSAlgorithm.RS256, OTHER, realm.claims().build())).id())
        .isEqualTo("user-1");
    assertThat(realm.provider.requestCount()).isEqualTo(2);
  }

  @Test
  void manyUnknownKeyIdsCauseOneFetch() throws Exception {
    realm.acceptedCaller(realm.validToken());
    realm.advance(SigningKeys.MIN_FETCH_INTERVAL);
    List<String> flood =
        IntStream.range(0, 100)
            .mapToObj(i -> {
              JWK named = new RSAKey.Builder(OTHER).keyID("unknown-" + i).build();
              try {
                return token(JWSAlgorithm.RS256, named, realm.claims().build());
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            })
            .toList();

    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<AuthenticationResult> verdict :
          callers.invokeAll(
              flood.stream()
                  .map(it -> (Callable<AuthenticationResult>) () -> realm.verify(it))
                  .toList())) {
        assertThat(verdict.get()).isInstanceOf(AuthenticationResult.Refused.class);
      }
    }
    assertThat(realm.provider.requestCount()).isEqualTo(2);
    realm.acceptedCaller(realm.signedToken(it -> it.subject("user-2")));
  }

  @Test
  void cachedKeysRemainValidDuringAnOutageUntilTheirMaxAge() throws Exception {
    realm.acceptedCaller(realm.validToken());
    realm.provider.setStatus(503);
    realm.advance(SigningKeys.MAX_AGE.minusSeconds(1));
    assertThat(realm.acceptedCaller(realm.validToken()).id()).isEqualTo("user-1");

    realm.advance(SigningKeys.MIN_FETCH_INTERVAL);
    String later = realm.validToken();
    assertThatThrownBy(() -> realm.verify(later)).isInstanceOf(UnavailableException.class);

    realm.provider.setStatus(200);
    realm.advance(SigningKeys.MIN_FETCH_INTERVAL);
    assertThat(realm.acceptedCaller(later).id()).isEqualTo("user-1");
  }

  @Test
  void unavailableProviderIsRetriedAfterAnInterval() throws Exception {
    realm.provider.setStatus(500);
    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(() -> realm.verify(realm.validToken()))
          .isInstanceOfSatisfying(
              UnavailableException.class,
              e -> assertThat(e.retryAfter()).isEqualTo(SigningKeys.MIN_FETCH_INTERVAL));
    }
    assertThat(realm.provider.requestCount()).isEqualTo(1);
  }

  @Test
  void wrongIssuerOrUnsafeKeysUrlIsRejected() throws Exception {
    realm.provider.setIssuer("https://evil.example");
    assertThatThrownBy(() -> realm.verify(realm.validToken()))
        .hasMessageContaining("identity provider");

    realm.provider.setIssuer(realm.provider.issuer());
    for (String url : List.of("http://192.0.2.1/keys", "", "keys", "file:///etc/passwd")) {
      realm.provider.setKeysUrl(url);
      realm.advance(SigningKeys.MIN_FETCH_INTERVAL);
      assertThatThrownBy(() -> realm.verify(realm.validToken()))
          .isInstanceOf(UnavailableException.class);
    }
  }
}
