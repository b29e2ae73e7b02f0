package dev.agentlab.http;

import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.security.Authenticator;
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

/// The HTTP server: listens, and answers by its routes.
///
/// Each event loop accepts its share of the connections and keeps them; each request is handled on
/// a virtual thread of its own.
public final class HttpServer {
  private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
  private static final int MAX_HEADERS = 16 * 1024;
  private static final int MAX_FIRST_LINE = 8 * 1024;
  private static final int BACKLOG = 1024;

  /// How far from its time a limit may be noticed, at most.
  private static final Duration CHECK_INTERVAL = Duration.ofMillis(500);

  /// How often it is looked whether the certificate has changed.
  private static final Duration CERTIFICATE_INTERVAL = Duration.ofMinutes(1);

  /// How long connections that are cut may take to be gone.
  private static final Duration CUT = Duration.ofSeconds(1);

  /// One event loop's part of the server. Its connections are its own.
  private record Part(
      Context loop, io.vertx.core.http.HttpServer server, Set<ConnectionMonitor> connections) {
    void forEach(Consumer<ConnectionMonitor> action) {
      // A copy, because a connection that ends leaves the set.
      loop.runOnContext(_ -> List.copyOf(connections).forEach(action));
    }
  }

  private final HttpSettings settings;
  private final EventLoops loops;
  private final ServerContext edge;
  private final Optional<Tls> tls;
  private final List<Part> parts = new CopyOnWriteArrayList<>();
  private String deployment = "";
  private long renewal = -1;
  private long credentialCheck = -1;

  /// Sets the server up without listening yet.
  ///
  /// @param authenticator knows the callers of the routes that are not open
  /// @param memory for request bodies and for responses that wait for their reader
  /// @throws IllegalArgumentException if two routes are the same or a route contradicts itself
  public HttpServer(
      HttpSettings settings,
      EventLoops loops,
      List<RouteGroup> groups,
      Authenticator authenticator,
      MemoryBudget memory,
      MeterRegistry meters) {
    this.settings = settings;
    this.loops = loops;
    this.tls = settings.tls().map(files -> new Tls(files, loops.vertx(), settings.headTimeout()));
    this.edge =
        new ServerContext(
            settings,
            new Router(groups),
            authenticator,
            new CredentialMonitor(authenticator),
            new RequestLimiter(settings.maxInFlight(), meters),
            memory,
            new AccessLog(meters),
            new HttpDate(),
            new AllowedHosts(settings.host(), settings.allowedHosts()),
            new TrustedProxies(settings.trustedProxies()),
            settings.cors().map(CorsHeaders::of),
            Thread.ofVirtual().name("request").inheritInheritableThreadLocals(false).factory());
  }

  /// Takes the address; answers from then on.
  ///
  /// @throws CannotListenException if the address cannot be had, or the certificate not be used
  public void start() {
    InetAddress bound = bound();
    SocketAddress address = address(bound);
    Optional<ServerSSLOptions> secured = certificate();
    if (secured.isEmpty() && !bound.isLoopbackAddress()) {
      LOG.warn(
          "listening on {} without TLS: keys, prompts and answers travel in clear; set"
              + " server.tls_cert and server.tls_key, or let a proxy on this machine speak TLS",
          settings.host());
    }
    try {
      deployment =
          loops
              .vertx()
              .deployVerticle(
                  () -> context -> listen(context, address, secured),
                  new DeploymentOptions().setInstances(loops.count()))
              .await();
    } catch (Exception e) {
      parts.clear();
      throw cannotListen(e);
    }
    credentialCheck =
        loops.vertx().setPeriodic(CredentialMonitor.INTERVAL.toMillis(), _ -> checkCredentials());
    if (tls.isPresent()) {
      renewal =
          loops
              .vertx()
              .setPeriodic(
                  CERTIFICATE_INTERVAL.toMillis(),
                  _ -> edge.handlers().newThread(this::renewCertificate).start());
    }
  }

  private void checkCredentials() {
    if (!edge.credentials().isEmpty()) {
      edge.handlers().newThread(edge.credentials()::check).start();
    }
  }

  private Optional<ServerSSLOptions> certificate() {
    try {
      return tls.map(Tls::load);
    } catch (IllegalArgumentException e) {
      throw new CannotListenException(String.valueOf(e.getMessage()));
    }
  }

  /// Takes up a certificate that has changed, for connections made from now on.
  void renewCertificate() {
    tls.flatMap(Tls::reload)
        .ifPresent(options -> {
          LOG.info("taking up the TLS certificate, which has changed");
          await(parts.stream().map(part -> part.server().updateSSLOptions(options)).toList(), CUT);
        });
  }

  /// The port it listens on.
  ///
  /// @throws IllegalStateException before the start
  public int port() {
    return parts.stream()
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("not started"))
        .server()
        .actualPort();
  }

  /// Stops accepting connections, answers what is in flight and what still arrives on open
  /// connections meanwhile, then ends them all. What has no answer when the time is over is cut.
  public void stop(Duration remaining) throws InterruptedException {
    if (parts.isEmpty()) {
      return;
    }
    long deadline = System.nanoTime() + remaining.toNanos();
    loops.vertx().cancelTimer(renewal);
    edge.traffic().drain();
    // Given longer than we take: at its own end Vert.x waits for readers that may never read.
    List<Future<Void>> ended =
        parts.stream().map(part -> part.server().shutdown(remaining.plus(CUT))).toList();
    boolean drained = edge.traffic().awaitDrained(remaining);
    parts.forEach(part -> part.forEach(ConnectionMonitor::closeOnceAnswered));
    if (!drained || !await(ended, Duration.ofNanos(deadline - System.nanoTime()))) {
      LOG.warn(
          "cutting what is not done in time; requests unanswered: {}", edge.traffic().inFlight());
      parts.forEach(part -> part.forEach(ConnectionMonitor::cut));
      await(ended, CUT);
    }
    loops.vertx().cancelTimer(credentialCheck);
    await(List.of(loops.vertx().undeploy(deployment)), CUT);
    parts.clear();
  }

  private static boolean await(List<? extends Future<?>> futures, Duration within) {
    try {
      Future.join(futures).await(Math.max(1, within.toMillis()), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  private Future<?> listen(
      Context loop, SocketAddress address, Optional<ServerSSLOptions> secured) {
    Set<ConnectionMonitor> connections = new HashSet<>();
    HttpServerConfig options = options();
    io.vertx.core.http.HttpServer server =
        loops
            .vertx()
            .createHttpServer(options, secured.orElse(null))
            .connectionHandler(connection ->
                ConnectionMonitor.watch(
                    connection, settings, options.getHttp1Config(), connections))
            .requestHandler(request -> new HttpExchange(edge, request).begin())
            .invalidRequestHandler(request -> new HttpExchange(edge, request).begin());
    Part part = new Part(loop, server, connections);
    loops
        .vertx()
        .setPeriodic(
            checkInterval().toMillis(),
            _ -> {
              long now = System.nanoTime();
              List.copyOf(connections).forEach(connection -> connection.check(now));
            });
    parts.add(part);
    return server.listen(address);
  }

  /// Short limits are watched more closely.
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

  private HttpServerConfig options() {
    HttpServerConfig options =
        new HttpServerConfig()
            .setVersions(HttpVersion.HTTP_1_0, HttpVersion.HTTP_1_1)
            .setHttp1Config(
                new Http1ServerConfig()
                    .setMaxHeaderSize(MAX_HEADERS)
                    .setMaxInitialLineLength(MAX_FIRST_LINE))
            .setWebSocketConfig(
                new WebSocketServerConfig()
                    .setUsePerFrameCompression(false)
                    .setUsePerMessageCompression(false));
    options.getTcpConfig().setAcceptBacklog(BACKLOG).setSsl(tls.isPresent());
    return options;
  }

  private SocketAddress address(InetAddress bound) {
    // The loops share the port; one that the system picks is shared under a name, here a number.
    return settings.port() == 0
        ? SocketAddress.sharedRandomPort(
            ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE), bound.getHostAddress())
        : SocketAddress.inetSocketAddress(new InetSocketAddress(bound, settings.port()));
  }

  private InetAddress bound() {
    try {
      return InetAddress.getByName(settings.host());
    } catch (UnknownHostException e) {
      throw cannotListen(e);
    }
  }

  private CannotListenException cannotListen(Exception cause) {
    String message = String.valueOf(cause.getMessage());
    String why;
    if (cause instanceof UnknownHostException) {
      why = "there is no such host; set server.host (SERVER_HOST) to an address of this machine";
    } else if (message.contains("already in use")) {
      why = "the port is in use; set server.port (SERVER_PORT) to another";
    } else if (message.contains("assign requested address")) {
      why =
          "that is no address of this machine; set server.host (SERVER_HOST) to one, or to 0.0.0.0"
              + " for all";
    } else if (message.contains("Permission denied")) {
      why = "this user may not have the port; set server.port (SERVER_PORT) to one above 1023";
    } else {
      why = message;
    }
    return new CannotListenException(
        "cannot listen on %s:%d: %s".formatted(settings.host(), settings.port(), why), cause);
  }
}
