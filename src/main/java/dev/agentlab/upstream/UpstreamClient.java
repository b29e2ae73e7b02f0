package dev.agentlab.upstream;

import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.memory.MemoryBudget;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.TrustOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Calls upstreams over HTTP/1.1 and holds every call to the egress policy and the limits.
///
/// A name is resolved once, each of its addresses is judged, and the call connects to a judged
/// address, while `Host`, SNI and the certificate's check keep to the name. Certificates are
/// checked against the JDK's trust store. Redirects are not followed, answers are not decompressed,
/// proxy settings are ignored. Connections are kept and reused per scheme, name and address.
///
/// Blocks the calling thread, which should be virtual; interrupting it ends the call and closes its
/// connection at once. Safe for all threads.
public final class UpstreamClient implements Transport {
  private static final int CONNECTIONS_PER_ADDRESS = 2_048;
  private static final int MOST_WAITING = 256;

  private static final int LONGEST_LINE = 8 << 10;
  private static final int LONGEST_HEADERS = 32 << 10;

  private final EventLoops loops;
  private final NameLookup names;
  private final HttpClient http;
  private final UpstreamCall.Means means;

  /// @param connect how long TCP and TLS may take each, unless a call allows less
  /// @param memory for responses that are read to their end
  public UpstreamClient(
      EventLoops loops,
      EgressPolicy egress,
      Resolver resolver,
      Duration connect,
      MemoryBudget memory) {
    this(loops, egress, resolver, connect, memory, Optional.empty());
  }

  /// @param trust the authorities to trust instead of the JDK's
  UpstreamClient(
      EventLoops loops,
      EgressPolicy egress,
      Resolver resolver,
      Duration connect,
      MemoryBudget memory,
      Optional<TrustOptions> trust) {
    this.loops = loops;
    this.names = new NameLookup(resolver);
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_1_1)
            .setConnectTimeout((int) connect.toMillis())
            .setSslHandshakeTimeout(connect.toMillis())
            .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
            .setVerifyHost(true)
            .setTcpNoDelay(true)
            .setKeepAliveTimeout(30)
            .setMaxInitialLineLength(LONGEST_LINE)
            .setMaxHeaderSize(LONGEST_HEADERS);
    trust.ifPresent(options::setTrustOptions);
    PoolOptions pool =
        new PoolOptions()
            .setHttp1MaxSize(CONNECTIONS_PER_ADDRESS)
            .setMaxWaitQueueSize(MOST_WAITING);
    http =
        loops
            .vertx()
            .httpClientBuilder()
            .with(options)
            .with(pool)
            // The call is told what went wrong. The library's own way is to log it in words that
            // repeat what came, which may be the key that was sent.
            .withConnectHandler(connection -> connection.exceptionHandler(_ -> {}))
            .build();
    means =
        new UpstreamCall.Means(
            loops.vertx(), http, egress, names, connect, new ConnectionPool(), memory);
  }

  @Override
  public UpstreamResponse send(
      UpstreamRequest request, UpstreamLimits limits, Cancellation cancellation) {
    return new UpstreamCall(means, loops.here(), request, limits, cancellation).whole();
  }

  @Override
  public Opened open(UpstreamRequest request, UpstreamLimits limits, Cancellation cancellation) {
    return new UpstreamCall(means, loops.here(), request, limits, cancellation).opened();
  }

  /// Ends what is under way and closes the connections.
  ///
  /// @throws TimeoutException if that took longer
  public void stop(Duration within) throws TimeoutException {
    names.stop();
    http.close().await(Math.max(1, within.toMillis()), TimeUnit.MILLISECONDS);
  }
}
