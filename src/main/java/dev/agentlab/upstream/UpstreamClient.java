package dev.agentlab.upstream;

import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.secrets.Secret;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.TrustOptions;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
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
public final class UpstreamClient {
  private static final int CONNECTIONS_PER_ADDRESS = 64;
  private static final int MOST_WAITING = 256;
  private static final int LONGEST_LINE = 8 << 10;
  private static final int LONGEST_HEADERS = 32 << 10;

  private final HttpClient http;
  private final EgressPolicy egress;
  private final NameLookup names;
  private final UpstreamLimits limits;

  /// Connections that have carried a call, so may have grown stale since.
  private final Set<HttpConnection> used =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  public UpstreamClient(
      EventLoops loops, EgressPolicy egress, Resolver resolver, UpstreamLimits limits) {
    this(loops, egress, resolver, limits, Optional.empty());
  }

  /// @param trust the authorities to trust instead of the JDK's
  UpstreamClient(
      EventLoops loops,
      EgressPolicy egress,
      Resolver resolver,
      UpstreamLimits limits,
      Optional<TrustOptions> trust) {
    this.egress = egress;
    this.names = new NameLookup(resolver);
    this.limits = limits;
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_1_1)
            .setConnectTimeout((int) limits.connect().toMillis())
            .setSslHandshakeTimeout(limits.connect().toMillis())
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
    http = loops.vertx().httpClientBuilder().with(options).with(pool).build();
  }

  /// Fetches what is at a URL.
  ///
  /// @param headers sent beside the usual ones
  /// @throws UpstreamException if no whole answer came; a status such as 500 is an answer
  /// @throws IllegalArgumentException if the URL has no [Origin]
  public UpstreamResponse get(URI url, Map<String, Secret> headers) {
    return new Exchange(http, egress, names, limits, used, url, headers).run();
  }

  /// Ends what is under way and closes the connections.
  ///
  /// @throws TimeoutException if that took longer
  public void stop(Duration within) throws TimeoutException {
    names.stop();
    http.close().await(Math.max(1, within.toMillis()), TimeUnit.MILLISECONDS);
  }
}
