package dev.agentlab.http;

import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.net.Cidr;
import dev.agentlab.security.Authenticator;
import dev.agentlab.security.Grant;
import dev.agentlab.security.GrantSet;
import dev.agentlab.security.Scope;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// An HTTP server for tests, on an ephemeral port of the loopback interface.
public final class RouteServer implements AutoCloseable {
  private static final Duration SOON = Duration.ofSeconds(5);

  private final EventLoops loops = new EventLoops();
  private final MeterRegistry meters = new SimpleMeterRegistry();
  private final HttpServer server;

  private RouteServer(
      HttpSettings settings,
      MemoryBudget memory,
      Authenticators authenticators,
      List<RouteGroup> groups) {
    server = new HttpServer(settings, loops, groups, authenticators, memory, meters);
    try {
      server.start();
    } catch (CannotListenException e) {
      close();
      throw e;
    }
  }

  /// Default settings, whose limits and timeouts do not affect tests.
  public static HttpSettings settings() {
    return new HttpSettings(
        "127.0.0.1",
        0,
        List.of("*"),
        List.of(),
        Duration.ofSeconds(30),
        Duration.ofSeconds(30),
        Duration.ofSeconds(75),
        Duration.ofSeconds(15),
        64 * 1024,
        1000,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /// Returns a copy with a CORS policy.
  public static HttpSettings with(HttpSettings settings, Optional<CorsPolicy> cors) {
    return with(settings, settings.allowedHosts(), settings.trustedProxies(), cors);
  }

  /// Returns a copy with allowed hosts.
  public static HttpSettings withAllowedHosts(HttpSettings settings, List<String> names) {
    return with(settings, names, settings.trustedProxies(), settings.cors());
  }

  /// Returns a copy with trusted proxies.
  public static HttpSettings withTrustedProxies(HttpSettings settings, List<Cidr> proxies) {
    return with(settings, settings.allowedHosts(), proxies, settings.cors());
  }

  /// Returns a copy with TLS, and with one timeout for the handshake, reading and writing.
  public static HttpSettings withTls(HttpSettings settings, TlsFiles files, Duration timeout) {
    return new HttpSettings(
        settings.host(),
        settings.port(),
        settings.allowedHosts(),
        settings.trustedProxies(),
        timeout,
        timeout,
        settings.idleTimeout(),
        settings.heartbeat(),
        settings.maxBodySize(),
        settings.maxInFlight(),
        Optional.of(files),
        settings.cors(),
        settings.publicOrigin());
  }

  /// Returns a copy with a public origin.
  public static HttpSettings withPublicOrigin(HttpSettings settings, String origin) {
    return new HttpSettings(
        settings.host(),
        settings.port(),
        settings.allowedHosts(),
        settings.trustedProxies(),
        settings.readTimeout(),
        settings.writeTimeout(),
        settings.idleTimeout(),
        settings.heartbeat(),
        settings.maxBodySize(),
        settings.maxInFlight(),
        settings.tls(),
        settings.cors(),
        Optional.of(origin));
  }

  private static HttpSettings with(
      HttpSettings settings, List<String> names, List<Cidr> proxies, Optional<CorsPolicy> cors) {
    return new HttpSettings(
        settings.host(),
        settings.port(),
        names,
        proxies,
        settings.readTimeout(),
        settings.writeTimeout(),
        settings.idleTimeout(),
        settings.heartbeat(),
        settings.maxBodySize(),
        settings.maxInFlight(),
        settings.tls(),
        cors,
        settings.publicOrigin());
  }

  public static RouteServer of(Route... routes) {
    return of(settings(), routes);
  }

  public static RouteServer of(HttpSettings settings, Route... routes) {
    return of(settings, new RouteGroup("", "Test", "Routes of a test.", List.of(routes)));
  }

  public static RouteServer of(HttpSettings settings, RouteGroup... groups) {
    return new RouteServer(settings, ample(), anyCaller(groups), List.of(groups));
  }

  /// Starts a server with a memory budget.
  public static RouteServer of(HttpSettings settings, MemoryBudget memory, Route... routes) {
    RouteGroup group = new RouteGroup("", "Test", "Routes of a test.", List.of(routes));
    return new RouteServer(settings, memory, anyCaller(group), List.of(group));
  }

  /// Accepts every request, with the scopes of all routes.
  private static Authenticators anyCaller(RouteGroup... groups) {
    return withoutSessions(
        Authenticator.disabled(
            GrantSet.of(
                Stream.of(groups)
                    .flatMap(group -> group.routes().stream())
                    .map(Route::scope)
                    .filter(Scope::isGrantable)
                    .map(Grant::of)
                    .collect(Collectors.toSet()))));
  }

  private static Authenticators withoutSessions(Authenticator headers) {
    return new Authenticators(headers, Optional.empty());
  }

  private static MemoryBudget ample() {
    return new MemoryBudget(256 << 20);
  }

  /// Starts a server with an authenticator.
  public static RouteServer of(Authenticator authenticator, Route... routes) {
    return of(settings(), authenticator, routes);
  }

  public static RouteServer of(
      HttpSettings settings, Authenticator authenticator, Route... routes) {
    return of(settings, withoutSessions(authenticator), routes);
  }

  public static RouteServer of(
      HttpSettings settings, Authenticators authenticators, Route... routes) {
    RouteGroup group = new RouteGroup("", "Test", "Routes of a test.", List.of(routes));
    return new RouteServer(settings, ample(), authenticators, List.of(group));
  }

  public int port() {
    return server.port();
  }

  public HttpServer server() {
    return server;
  }

  public MeterRegistry meters() {
    return meters;
  }

  /// Opens a new connection to the server.
  public RawHttpConnection connect() throws IOException {
    return new RawHttpConnection(port());
  }

  /// Sends one request on a new connection and returns the response.
  ///
  /// @param head the request line and headers, without `Host` and the final empty line
  public RawHttpConnection.RawResponse send(String head) throws IOException {
    return send(head, "");
  }

  public RawHttpConnection.RawResponse send(String head, String body) throws IOException {
    try (RawHttpConnection wire = connect()) {
      wire.send(head, body);
      return wire.readResponse();
    }
  }

  /// Stops the server gracefully, within a timeout.
  public void announceStop() {
    server.announceStop();
  }

  public void stop(Duration timeout) throws InterruptedException {
    server.stop(timeout);
  }

  @Override
  public void close() {
    try {
      server.stop(SOON);
      loops.stop(SOON);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("server did not stop", e);
    }
  }
}
