package dev.agentlab.upstream;

import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.proxy.ProxySettings;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.TrustOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// An HTTP/1.1 client that applies the egress policy and the limits to every call.
///
/// A name is resolved once per call, the policy checks each of its addresses, and the call connects
/// to a checked address. `Host`, SNI and certificate verification use the name. Certificates are
/// verified with the trust store of the JDK and additional authorities. Redirects are not followed,
/// and responses are not decompressed. Connections are kept open and reused per scheme, name and
/// address, trusted authorities, and proxy with its credentials.
///
/// Through a proxy, the addresses of the proxy are checked instead: those of a proxy in the
/// configuration of the service unless they are always denied, those of an upstream's own proxy as
/// any other address. The name of the upstream is not resolved; an address in its URL is checked.
///
/// Thread-safe.
public final class UpstreamClient implements Transport {
  private static final int MAX_CONNECTIONS_PER_ADDRESS = 2_048;
  private static final int MAX_WAITING_CALLS = 256;

  private static final int MAX_LINE_BYTES = 8 << 10;
  private static final int MAX_HEADER_BYTES = 32 << 10;

  private final EventLoops loops;
  private final NameLookup nameLookup;
  private final HttpClientsByLoop http;
  private final UpstreamCall.Resources resources;

  /// A client without proxies and additional authorities.
  ///
  /// @param connect timeout for TCP and for TLS, unless the limits of a call are shorter
  /// @param memory for non-streaming responses
  public UpstreamClient(
      EventLoops loops,
      EgressPolicy egress,
      Resolver resolver,
      Duration connect,
      MemoryBudget memory) {
    this(
        loops,
        egress,
        resolver,
        connect,
        memory,
        ProxySettings.DIRECT,
        CertificateAuthorities.NONE);
  }

  /// @param connect timeout for TCP and for TLS, unless the limits of a call are shorter
  /// @param memory for non-streaming responses
  /// @param proxies for calls of upstreams without their own proxy
  /// @param authorities trusted for all upstreams, beside those of the JDK
  public UpstreamClient(
      EventLoops loops,
      EgressPolicy egress,
      Resolver resolver,
      Duration connect,
      MemoryBudget memory,
      ProxySettings proxies,
      CertificateAuthorities authorities) {
    this(
        loops,
        egress,
        resolver,
        connect,
        memory,
        proxies,
        authorities,
        Optional.of(authorities).filter(it -> !it.isEmpty()).map(AuthorityTrustOptions::new));
  }

  /// @param trust the certificate authorities that replace those of the JDK
  UpstreamClient(
      EventLoops loops,
      EgressPolicy egress,
      Resolver resolver,
      Duration connect,
      MemoryBudget memory,
      Optional<TrustOptions> trust) {
    this(
        loops,
        egress,
        resolver,
        connect,
        memory,
        ProxySettings.DIRECT,
        CertificateAuthorities.NONE,
        trust);
  }

  private UpstreamClient(
      EventLoops loops,
      EgressPolicy egress,
      Resolver resolver,
      Duration connect,
      MemoryBudget memory,
      ProxySettings proxies,
      CertificateAuthorities authorities,
      Optional<? extends TrustOptions> trust) {
    this.loops = loops;
    this.nameLookup = new NameLookup(resolver);
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_1_1)
            .setConnectTimeout((int) connect.toMillis())
            .setSslHandshakeTimeout(connect.toMillis())
            .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
            .setVerifyHost(true)
            .setTcpNoDelay(true)
            .setKeepAliveTimeout(30)
            .setMaxInitialLineLength(MAX_LINE_BYTES)
            .setMaxHeaderSize(MAX_HEADER_BYTES);
    trust.ifPresent(options::setTrustOptions);
    PoolOptions pool =
        new PoolOptions()
            .setHttp1MaxSize(MAX_CONNECTIONS_PER_ADDRESS)
            .setMaxWaitQueueSize(MAX_WAITING_CALLS);
    http =
        new HttpClientsByLoop(
            loops.count(),
            () ->
                loops
                    .vertx()
                    .httpClientBuilder()
                    .with(options)
                    .with(pool)
                    // The call receives the failure. By default, the library logs it with the
                    // received bytes, which may contain the key that was sent.
                    .withConnectHandler(connection -> connection.exceptionHandler(_ -> {}))
                    .build());
    resources =
        new UpstreamCall.Resources(
            http, egress, proxies, authorities, nameLookup, connect, new ConnectionPool(), memory);
  }

  /// The TLS options of calls that trust other authorities than the client does by default.
  static ClientSSLOptions sslOptions(CertificateAuthorities authorities, Duration timeout) {
    ClientSSLOptions options = new ClientSSLOptions().setHostnameVerificationAlgorithm("HTTPS");
    options
        .setTrustOptions(new AuthorityTrustOptions(authorities))
        .setSslHandshakeTimeout(timeout.toMillis())
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
    return options;
  }

  @Override
  public CompletableFuture<Result> start(
      EventLoop loop, UpstreamRequest request, UpstreamLimits limits, Cancellation cancellation) {
    return new UpstreamCall(resources, loop, request, limits).start(cancellation);
  }

  @Override
  public UpstreamResponse send(
      UpstreamRequest request, UpstreamLimits limits, Cancellation cancellation) {
    Cancellation either = new Cancellation();
    Runnable unregister = cancellation.onCancel(either::cancel);
    CompletableFuture<Result> result = start(loops.current(), request, limits, either);
    try {
      return switch (await(result, either)) {
        case UpstreamResponse response -> response;
        case UpstreamStream _ -> throw new AssertionError("a stream was not accepted");
      };
    } finally {
      unregister.run();
    }
  }

  /// Waits for the result, whose call has timeouts of its own.
  private static Result await(CompletableFuture<Result> result, Cancellation cancellation) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return result.get();
        } catch (InterruptedException e) {
          interrupted = true;
          cancellation.cancel();
        } catch (ExecutionException e) {
          throw e.getCause() instanceof RuntimeException failure
              ? failure
              : new IllegalStateException("the call failed unexpectedly", e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// Cancels the calls in progress and closes the connections.
  ///
  /// @throws TimeoutException if the client does not stop in time
  public void stop(Duration timeout) throws TimeoutException {
    nameLookup.stop();
    http.close().await(Math.max(1, timeout.toMillis()), TimeUnit.MILLISECONDS);
  }
}
