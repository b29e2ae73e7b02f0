package dev.agentlab.upstream;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.secrets.Secret;
import dev.agentlab.testing.TestCertificates;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PfxOptions;
import io.vertx.core.net.TrustOptions;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/// Creates clients with their own policy, resolver and limits, on shared event loops.
final class TestClients implements AutoCloseable {
  static final EgressPolicy ALLOW_LOOPBACK = new EgressPolicy(true, List.of());
  static final UpstreamLimits LIMITS =
      limits(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(10), 100_000);
  static final UpstreamLimits SHORT_LIMITS =
      limits(Duration.ofMillis(300), Duration.ofSeconds(5), Duration.ofMillis(600), 1_000);
  static final Resolver NO_ADDRESS =
      host -> {
        throw new UnknownHostException(host);
      };
  static final Resolver LOOPBACK_RESOLVER = _ -> List.of(InetAddress.getLoopbackAddress());

  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

  private final EventLoops loops = new EventLoops();
  private final List<UpstreamClient> clients = new ArrayList<>();

  /// A client with its limits.
  record LimitedClient(UpstreamClient client, UpstreamLimits limits) {
    UpstreamResponse get(URI url, Map<String, Secret> headers) {
      return client.send(UpstreamRequest.get(url, headers, Map.of()), limits, new Cancellation());
    }

    /// The failure of a call.
    UpstreamException failure(URI url) {
      return catchThrowableOfType(UpstreamException.class, () -> get(url, Map.of()));
    }
  }

  static UpstreamLimits limits(Duration resolve, Duration connect, Duration total, int body) {
    return new UpstreamLimits(resolve, connect, total, total, total, body);
  }

  EventLoops loops() {
    return loops;
  }

  LimitedClient create(Resolver resolver) {
    return create(ALLOW_LOOPBACK, resolver, LIMITS);
  }

  LimitedClient create(EgressPolicy egress, Resolver resolver, UpstreamLimits limits) {
    return create(egress, resolver, limits, Optional.empty());
  }

  LimitedClient createTrusting(TestCertificates certificates) throws Exception {
    TrustOptions trust =
        new PfxOptions()
            .setValue(Buffer.buffer(certificates.trustStore()))
            .setPassword(TestCertificates.PASSWORD);
    return create(ALLOW_LOOPBACK, LOOPBACK_RESOLVER, LIMITS, Optional.of(trust));
  }

  private LimitedClient create(
      EgressPolicy egress, Resolver resolver, UpstreamLimits limits, Optional<TrustOptions> trust) {
    UpstreamClient client =
        new UpstreamClient(
            loops, egress, resolver, limits.connectTimeout(), new MemoryBudget(64 << 20), trust);
    clients.add(client);
    return new LimitedClient(client, limits);
  }

  @Override
  public void close() {
    try {
      for (UpstreamClient client : clients) {
        client.stop(STOP_TIMEOUT);
      }
      loops.stop(STOP_TIMEOUT);
    } catch (TimeoutException e) {
      throw new AssertionError("the clients did not stop in time", e);
    }
  }
}
