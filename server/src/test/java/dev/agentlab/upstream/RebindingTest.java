package dev.agentlab.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.net.IpLiterals;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.upstream.UpstreamException.Kind;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Verifies the protection against DNS rebinding: an attacker changes the addresses of a name
/// between two lookups.
class RebindingTest {
  private static final EgressPolicy LOOPBACK = new EgressPolicy(true, List.of());
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final UpstreamLimits LIMITS =
      new UpstreamLimits(TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, 10_000);

  private final EventLoops loops = new EventLoops();
  private final Queue<List<InetAddress>> lookups = new ArrayDeque<>();

  /// Resolves each entry of the queue once.
  private final UpstreamClient client =
      new UpstreamClient(
          loops,
          LOOPBACK,
          host -> {
            if (lookups.isEmpty()) {
              throw new UnknownHostException(host);
            }
            return lookups.remove();
          },
          TIMEOUT,
          new MemoryBudget(64 << 20));

  @AfterEach
  void stop() throws Exception {
    client.stop(TIMEOUT);
    loops.stop(TIMEOUT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1 169.254.169.254",
        "169.254.169.254 127.0.0.1",
        "127.0.0.1 127.0.0.1 127.0.0.1 127.0.0.1 127.0.0.1 169.254.169.254",
        "127.0.0.1 10.0.0.1",
        "127.0.0.1 8.8.8.8 100.100.100.200",
        "127.0.0.1 fd00:ec2::254",
        "::1 ::ffff:127.0.0.1",
        "127.0.0.1 ::ffff:169.254.169.254",
        "127.0.0.1 ::127.0.0.1",
        "127.0.0.1 64:ff9b::a9fe:a9fe",
        "127.0.0.1 2002:a9fe:a9fe::",
        "127.0.0.1 fe80::1",
        "127.0.0.1 0.0.0.0",
        "127.0.0.1 ::",
      })
  void nameWithOneForbiddenAddressIsDenied(String addresses) throws Exception {
    try (ConnectionCounter connections = new ConnectionCounter()) {
      lookups.add(Stream.of(addresses.split(" ")).map(RebindingTest::address).toList());

      assertThat(failure("http://mixed.test:%d/".formatted(connections.port())))
          .isEqualTo(Kind.DENIED_BY_POLICY);
      assertThat(connections.takeCount()).isZero();
    }
  }

  @Test
  void keptConnectionIsNotUsedAfterRebindingToAForbiddenAddress() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(FakeUpstream.json("{}"))) {
      lookups.add(List.of(address("127.0.0.1")));
      lookups.add(List.of(address("169.254.169.254")));
      String url = upstream.url("rebind.test", "/").toString();

      assertThat(get(url).status()).isEqualTo(200);
      upstream.request();
      assertThat(failure(url)).isEqualTo(Kind.DENIED_BY_POLICY);
      assertThat(upstream.isIdle()).isTrue();
    }
  }

  @Test
  void reconnectUsesTheCheckedAddress() throws Exception {
    FakeUpstream.Script onceEach =
        (request, out) -> {
          if (request.connection() == 1 && request.requestLine().contains("/second")) {
            out.close();
          } else {
            out.write(FakeUpstream.json("{}").getBytes(StandardCharsets.UTF_8));
          }
        };
    try (FakeUpstream upstream = FakeUpstream.start(onceEach)) {
      lookups.add(List.of(address("127.0.0.1")));
      lookups.add(List.of(address("127.0.0.1")));
      lookups.add(List.of(address("169.254.169.254")));

      get(upstream.url("rebind.test", "/first").toString());
      assertThat(get(upstream.url("rebind.test", "/second").toString()).status()).isEqualTo(200);
      // The name was not resolved a third time.
      assertThat(lookups).hasSize(1);
    }
  }

  @Test
  void zoneOfAnAddressIsIgnored() throws Exception {
    InetAddress zoned = Inet6Address.getByAddress(null, address("::1").getAddress(), 1);
    try (ConnectionCounter connections = new ConnectionCounter()) {
      lookups.add(List.of(zoned));

      assertThat(failure("http://zoned.test:%d/".formatted(connections.port())))
          .isEqualTo(Kind.RESET);
      assertThat(connections.takeCount()).isEqualTo(1);
    }
  }

  private UpstreamResponse get(String url) {
    return client.send(
        UpstreamRequest.get(URI.create(url), Map.of(), Map.of()), LIMITS, new Cancellation());
  }

  private Kind failure(String url) {
    return catchThrowableOfType(UpstreamException.class, () -> get(url)).kind();
  }

  /// An address as a resolver returns it: a mapped address has sixteen bytes.
  private static InetAddress address(String text) {
    return IpLiterals.parseIpv4(text).or(() -> IpLiterals.parseIpv6(text)).orElseThrow();
  }
}
