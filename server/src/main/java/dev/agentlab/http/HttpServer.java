package dev.agentlab.http;

import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.memory.MemoryBudget;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.WebSocketServerConfig;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The HTTP server for a set of route groups.
///
/// Each event loop accepts a share of the connections and owns them. A request is handled on its
/// own virtual thread, or on the event loop if its handler does not block.
public final class HttpServer {
  private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
  private static final int MAX_HEADER_BYTES = 16 * 1024;
  private static final int MAX_REQUEST_LINE_BYTES = 8 * 1024;
  private static final int BACKLOG = 1024;

  /// The maximum delay with which an expired timeout is detected.
  private static final Duration CHECK_INTERVAL = Duration.ofMillis(500);

  /// The interval of the check whether the certificate files have changed.
  private static final Duration CERTIFICATE_CHECK_INTERVAL = Duration.ofMinutes(1);

  /// How long to wait for aborted connections to close.
  private static final Duration ABORT_TIMEOUT = Duration.ofSeconds(1);

  /// The server socket of one event loop and its connections, which only this loop may use.
  private record Listener(
      Context loop, io.vertx.core.http.HttpServer server, Set<ConnectionMonitor> connections) {
    void forEach(Consumer<ConnectionMonitor> action) {
      // A copy, because a connection removes itself from the set when it closes.
      loop.runOnContext(_ -> List.copyOf(connections).forEach(action));
    }
  }

  private final HttpSettings settings;
  private final EventLoops loops;
  private final ServerContext context;
  private final Optional<TlsConfiguration> tls;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private String deployment = "";
  private long certificateTimer = -1;
  private long credentialTimer = -1;

  /// Creates the server without listening.
  ///
  /// @param authenticators authenticate the callers of routes that are not open
  /// @param memory the budget for request bodies and buffered responses
  /// @throws IllegalArgumentException if two routes have the same method and path
  public HttpServer(
      HttpSettings settings,
      EventLoops loops,
      List<RouteGroup> groups,
      Authenticators authenticators,
      MemoryBudget memory,
      MeterRegistry meters) {
    this.settings = settings;
    this.loops = loops;
    this.tls =
        settings
            .tls()
            .map(files -> new TlsConfiguration(files, loops.vertx(), settings.headTimeout()));
    this.context =
        new ServerContext(
            settings,
            new Router(groups),
            authenticators,
            new CredentialMonitor(authenticators),
            new RequestLimiter(settings.maxInFlight(), meters),
            memory,
            new RequestMetrics(meters),
            new HttpDate(),
            new AllowedHosts(settings.host(), settings.namedHosts()),
            new ServiceOrigin(settings.publicOrigin()),
            new TrustedProxies(settings.trustedProxies()),
            settings.cors().map(CorsHeaders::of),
            Thread.ofVirtual().name("request").inheritInheritableThreadLocals(false).factory());
  }

  /// Starts listening and accepting requests.
  ///
  /// @throws CannotListenException if the address cannot be bound or the certificate is unusable
  public void start() {
    InetAddress bound = resolveHost();
    SocketAddress address = socketAddress(bound);
    Optional<ServerSSLOptions> tlsOptions = loadCertificate();
    if (tlsOptions.isEmpty() && !bound.isLoopbackAddress()) {
      LOG.warn(
          "listening without TLS: API keys, prompts and responses are sent in plaintext; set"
              + " server.tls_cert and server.tls_key, or terminate TLS at a proxy on this machine"
              + " host={}",
          settings.host());
    }
    try {
      deployment =
          loops
              .vertx()
              .deployVerticle(
                  () -> loop -> listen(loop, address, tlsOptions),
                  new DeploymentOptions().setInstances(loops.count()))
              .await();
    } catch (Exception e) {
      listeners.clear();
      throw cannotListen(e);
    }
    credentialTimer =
        loops
            .vertx()
            .setPeriodic(CredentialMonitor.CHECK_INTERVAL.toMillis(), _ -> checkCredentials());
    if (tls.isPresent()) {
      certificateTimer =
          loops
              .vertx()
              .setPeriodic(
                  CERTIFICATE_CHECK_INTERVAL.toMillis(),
                  _ -> context.handlerThreads().newThread(this::reloadCertificate).start());
    }
  }

  private void checkCredentials() {
    if (!context.credentialMonitor().isEmpty()) {
      context.handlerThreads().newThread(context.credentialMonitor()::check).start();
    }
  }

  private Optional<ServerSSLOptions> loadCertificate() {
    try {
      return tls.map(TlsConfiguration::load);
    } catch (IllegalArgumentException e) {
      throw new CannotListenException(String.valueOf(e.getMessage()));
    }
  }

  /// Reloads the certificate if its files have changed, for new connections. Waits for a reload in
  /// progress.
  synchronized void reloadCertificate() {
    tls.flatMap(TlsConfiguration::reload)
        .ifPresent(options -> {
          LOG.info("TLS certificate reloaded");
          await(
              listeners.stream()
                  .map(listener -> listener.server().updateSSLOptions(options))
                  .toList(),
              ABORT_TIMEOUT);
        });
  }

  /// The port on which the server listens.
  ///
  /// @throws IllegalStateException if the server is not started
  public int port() {
    return listeners.stream()
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("not started"))
        .server()
        .actualPort();
  }

  /// Announces the stop: every response from now on closes its connection, so that clients open the
  /// next one elsewhere. New connections are still accepted.
  public void announceStop() {
    context.requestLimiter().announceDraining();
  }

  /// Stops the server gracefully: stops accepting connections, completes requests in flight and
  /// those that still arrive on open connections, then closes all connections. Aborts what remains
  /// when the timeout expires.
  public void stop(Duration timeout) throws InterruptedException {
    if (listeners.isEmpty()) {
      return;
    }
    long deadline = System.nanoTime() + timeout.toNanos();
    loops.vertx().cancelTimer(certificateTimer);
    context.requestLimiter().startDraining();
    // A longer timeout than ours: when it expires, Vert.x waits for readers that may be stalled.
    List<Future<Void>> ended =
        listeners.stream()
            .map(listener -> listener.server().shutdown(timeout.plus(ABORT_TIMEOUT)))
            .toList();
    boolean drained = context.requestLimiter().awaitDrained(timeout);
    Duration quietTime = context.requestLimiter().quietTime();
    listeners.forEach(
        listener -> listener.forEach(connection -> connection.closeWhenIdle(quietTime)));
    if (!drained || !await(ended, Duration.ofNanos(deadline - System.nanoTime()))) {
      LOG.warn(
          "connections aborted after the shutdown timeout requests_in_flight={}",
          context.requestLimiter().inFlight());
      listeners.forEach(listener -> listener.forEach(ConnectionMonitor::abort));
      await(ended, ABORT_TIMEOUT);
    }
    loops.vertx().cancelTimer(credentialTimer);
    await(List.of(loops.vertx().undeploy(deployment)), ABORT_TIMEOUT);
    listeners.clear();
  }

  private static boolean await(List<? extends Future<?>> futures, Duration timeout) {
    try {
      Future.join(futures).await(Math.max(1, timeout.toMillis()), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  private Future<?> listen(
      Context loop, SocketAddress address, Optional<ServerSSLOptions> tlsOptions) {
    Set<ConnectionMonitor> connections = new HashSet<>();
    HttpServerConfig options = serverConfig();
    io.vertx.core.http.HttpServer server =
        loops
            .vertx()
            .createHttpServer(options, tlsOptions.orElse(null))
            .connectionHandler(connection ->
                ConnectionMonitor.install(
                    connection, settings, options.getHttp1Config(), connections))
            .requestHandler(request -> new HttpExchange(context, request).start())
            .invalidRequestHandler(request -> new HttpExchange(context, request).start());
    Listener listener = new Listener(loop, server, connections);
    loops
        .vertx()
        .setPeriodic(
            checkInterval().toMillis(),
            _ -> {
              long now = System.nanoTime();
              List.copyOf(connections).forEach(connection -> connection.checkTimeouts(now));
            });
    listeners.add(listener);
    return server.listen(address);
  }

  /// Short timeouts are checked more often.
  private Duration checkInterval() {
    return Stream.of(
            settings.headTimeout(),
            settings.idleTimeout(),
            settings.writeTimeout(),
            CHECK_INTERVAL.multipliedBy(4))
        .min(Comparator.naturalOrder())
        .get()
        .dividedBy(4)
        .plusMillis(1);
  }

  private HttpServerConfig serverConfig() {
    HttpServerConfig options =
        new HttpServerConfig()
            .setVersions(HttpVersion.HTTP_1_0, HttpVersion.HTTP_1_1)
            .setHttp1Config(
                new Http1ServerConfig()
                    .setMaxHeaderSize(MAX_HEADER_BYTES)
                    .setMaxInitialLineLength(MAX_REQUEST_LINE_BYTES))
            .setWebSocketConfig(
                new WebSocketServerConfig()
                    .setUsePerFrameCompression(false)
                    .setUsePerMessageCompression(false));
    options.getTcpConfig().setAcceptBacklog(BACKLOG).setSsl(tls.isPresent());
    return options;
  }

  private SocketAddress socketAddress(InetAddress bound) {
    // All event loops share one port. Vert.x identifies a shared ephemeral port by a number.
    return settings.port() == 0
        ? SocketAddress.sharedRandomPort(
            ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE), bound.getHostAddress())
        : SocketAddress.inetSocketAddress(new InetSocketAddress(bound, settings.port()));
  }

  private InetAddress resolveHost() {
    try {
      return InetAddress.getByName(settings.host());
    } catch (UnknownHostException e) {
      throw cannotListen(e);
    }
  }

  private CannotListenException cannotListen(Exception cause) {
    String message = String.valueOf(cause.getMessage());
    String reason;
    if (cause instanceof UnknownHostException) {
      reason = "unknown host; set server.host (SERVER_HOST) to an address of this machine";
    } else if (message.contains("already in use")) {
      reason = "the port is in use; set server.port (SERVER_PORT) to another port";
    } else if (message.contains("assign requested address")) {
      reason =
          "not an address of this machine; set server.host (SERVER_HOST) to an address of this"
              + " machine, or to 0.0.0.0 for all addresses";
    } else if (message.contains("Permission denied")) {
      reason =
          "permission denied for this port; set server.port (SERVER_PORT) to a port above 1023";
    } else {
      reason = message;
    }
    return new CannotListenException(
        "cannot listen on %s:%d: %s".formatted(settings.host(), settings.port(), reason), cause);
  }
}
