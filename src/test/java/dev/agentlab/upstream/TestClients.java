package dev.agentlab.upstream;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.secrets.Secret;
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
  static final EgressPolicy LOOPBACK = new EgressPolicy(true, List.of());
  static final UpstreamLimits LIMITS =
      limits(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(10), 100_000);
  static final UpstreamLimits SHORT =
      limits(Duration.ofMillis(300), Duration.ofMillis(300), Duration.ofMillis(600), 1_000);
  static final Resolver NOBODY =
      host -> {
        throw new UnknownHostException(host);
      };
  static final Resolver LOCAL = _ -> List.of(InetAddress.getLoopbackAddress());

  private static final Duration SOON = Duration.ofSeconds(5);

  private final EventLoops loops = new EventLoops();
  private final List<UpstreamClient> clients = new ArrayList<>();

  /// A client with its limits.
  record Getter(UpstreamClient client, UpstreamLimits limits) {
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

  Getter of(Resolver resolver) {
    return of(LOOPBACK, resolver, LIMITS);
  }

  Getter of(EgressPolicy egress, Resolver resolver, UpstreamLimits limits) {
    return of(egress, resolver, limits, Optional.empty());
  }

  Getter trusting(TestCertificates certificates) throws Exception {
    return of(LOOPBACK, LOCAL, LIMITS, Optional.of(certificates.trust()));
  }

  private Getter of(
      EgressPolicy egress, Resolver resolver, UpstreamLimits limits, Optional<TrustOptions> trust) {
    UpstreamClient client =
        new UpstreamClient(
            loops, egress, resolver, limits.connect(), new MemoryBudget(64 << 20), trust);
    clients.add(client);
    return new Getter(client, limits);
  }

  @Override
  public void close() {
    try {
      for (UpstreamClient client : clients) {
        client.stop(SOON);
      }
      loops.stop(SOON);
    } catch (TimeoutException e) {
      throw new AssertionError("the clients did not stop in time", e);
    }
  }
}
