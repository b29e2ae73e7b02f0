package dev.agentlab.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.testing.Await;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NameLookupTest {
  private static final List<InetAddress> LOOPBACK = List.of(InetAddress.getLoopbackAddress());

  private final AtomicInteger lookups = new AtomicInteger();
  private final CountDownLatch release = new CountDownLatch(1);
  private NameLookup names = new NameLookup(resolver(Duration.ofHours(1)));

  @AfterEach
  void stop() {
    release.countDown();
    names.stop();
  }

  @Test
  void addressesAreReusedForTheirTimeToLive() {
    release.countDown();
    assertThat(Await.result(names.resolve("a.test"))).isEqualTo(LOOPBACK);
    assertThat(names.resolve("a.test")).as("without another thread").isCompletedWithValue(LOOPBACK);
    assertThat(lookups).hasValue(1);
    Await.result(names.resolve("b.test"));
    assertThat(lookups).hasValue(2);
  }

  @Test
  void concurrentCallsShareOneLookup() {
    List<CompletableFuture<List<InetAddress>>> calls =
        Stream.generate(() -> names.resolve("a.test")).limit(50).toList();
    release.countDown();

    assertThat(calls).allSatisfy(it -> assertThat(Await.result(it)).isEqualTo(LOOPBACK));
    assertThat(lookups).hasValue(1);
  }

  @Test
  void failedLookupIsRepeated() {
    release.countDown();
    // A caller may continue before its failure is forgotten.
    Await.until(
        "it is repeated",
        () -> {
          assertThatThrownBy(() -> Await.result(names.resolve("none.test")))
              .isInstanceOf(UncheckedIOException.class);
          return lookups.get() == 2;
        });
  }

  @Test
  void resolverWithoutTimeToLiveIsAskedForEachCall() {
    release.countDown();
    names.stop();
    names = new NameLookup(resolver(Duration.ZERO));
    Await.result(names.resolve("a.test"));
    Await.result(names.resolve("a.test"));

    assertThat(lookups).hasValue(2);
  }

  @Test
  void onlyTheSystemResolverHasATimeToLive() {
    Resolver other = _ -> LOOPBACK;

    assertThat(Resolver.system().timeToLive()).isEqualTo(Duration.ofSeconds(5));
    assertThat(other.timeToLive()).isZero();
  }

  private Resolver resolver(Duration timeToLive) {
    return new Resolver() {
      @Override
      public List<InetAddress> resolve(String host) throws UnknownHostException {
        lookups.incrementAndGet();
        Await.open(release);
        if (host.equals("none.test")) {
          throw new UnknownHostException(host);
        }
        return LOOPBACK;
      }

      @Override
      public Duration timeToLive() {
        return timeToLive;
      }
    };
  }
}
