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
  void aWithdrawnKeyStopsCounting() throws Exception {
    String token = realm.signed(it -> it.expirationTime(realm.at(100_000)));
    realm.accepted(token);
    realm.provider.publish(EC);
    realm.pass(SigningKeys.FRESH.plusSeconds(1));

    // The request that finds expired keys starts a fetch in the background.
    AtomicInteger others = new AtomicInteger();
    Await.until(
        "the old key is not accepted",
        () -> realm.verify(other(others.getAndIncrement())),
        it -> !(it instanceof AuthenticationResult.Accepted));
    realm.pass(VerifiedTokenCache.AGAIN.plusSeconds(1));
    realm.assertRefused(token, "does not publish");
  }

  private String other(int number) throws Exception {
    return realm.signed(it -> it.subject("other-" + number));
  }

  @Test
  void aNewKeyIsFoundWhenATokenNamesIt() throws Exception {
    realm.accepted(realm.good());
    realm.provider.publish(OTHER);
    realm.pass(SigningKeys.PAUSE);

    assertThat(realm.accepted(token(JWSAlgorithm.RS256, OTHER, realm.claims().build())).id())
        .isEqualTo("user-1");
    assertThat(realm.provider.asked()).isEqualTo(2);
  }

  @Test
  void aFloodOfUnknownKeysAsksOnce() throws Exception {
    realm.accepted(realm.good());
    realm.pass(SigningKeys.PAUSE);
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
    assertThat(realm.provider.asked()).isEqualTo(2);
    realm.accepted(realm.signed(it -> it.subject("user-2")));
  }

  @Test
  void knownKeysOutliveAnOutageForAWhile() throws Exception {
    realm.accepted(realm.good());
    realm.provider.answerWith(503);
    realm.pass(SigningKeys.BOUND.minusSeconds(1));
    assertThat(realm.accepted(realm.good()).id()).isEqualTo("user-1");

    realm.pass(SigningKeys.PAUSE);
    String later = realm.good();
    assertThatThrownBy(() -> realm.verify(later)).isInstanceOf(UnavailableException.class);

    realm.provider.answerWith(200);
    realm.pass(SigningKeys.PAUSE);
    assertThat(realm.accepted(later).id()).isEqualTo("user-1");
  }

  @Test
  void aProviderThatIsAwayIsAskedNowAndThen() throws Exception {
    realm.provider.answerWith(500);
    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(() -> realm.verify(realm.good()))
          .isInstanceOfSatisfying(
              UnavailableException.class,
              e -> assertThat(e.retryAfter()).isEqualTo(SigningKeys.PAUSE));
    }
    assertThat(realm.provider.asked()).isEqualTo(1);
  }

  @Test
  void aProviderThatMayNotBeBelievedIsNot() throws Exception {
    realm.provider.callItself("https://evil.example");
    assertThatThrownBy(() -> realm.verify(realm.good())).hasMessageContaining("identity provider");

    realm.provider.callItself(realm.provider.issuer());
    for (String url : List.of("http://192.0.2.1/keys", "", "keys", "file:///etc/passwd")) {
      realm.provider.keepKeysAt(url);
      realm.pass(SigningKeys.PAUSE);
      assertThatThrownBy(() -> realm.verify(realm.good())).isInstanceOf(UnavailableException.class);
    }
  }
}
