package dev.agentlab.http;

import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.net.Cidr;
import dev.agentlab.security.Authenticator;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/// A server of some routes on a free port of the loopback interface.
public final class RouteServer implements AutoCloseable {
  private static final Duration SOON = Duration.ofSeconds(5);

  private final EventLoops loops = new EventLoops();
  private final MeterRegistry meters = new SimpleMeterRegistry();
  private final HttpServer server;

  private RouteServer(
      HttpSettings settings,
      MemoryBudget memory,
      Authenticator authenticator,
      List<RouteGroup> groups) {
    server = new HttpServer(settings, loops, groups, authenticator, memory, meters);
    try {
      server.start();
    } catch (CannotListenException e) {
      close();
      throw e;
    }
  }

  /// Limits far off, so that a test sees only the one it changes.
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
        Optional.empty());
  }

  /// The same with other origins let in.
  public static HttpSettings with(HttpSettings settings, Optional<Cors> cors) {
    return with(settings, settings.allowedHosts(), settings.trustedProxies(), cors);
  }

  /// The same, known by other names.
  public static HttpSettings known(HttpSettings settings, List<String> names) {
    return with(settings, names, settings.trustedProxies(), settings.cors());
  }

  /// The same behind proxies of these networks.
  public static HttpSettings behind(HttpSettings settings, List<Cidr> proxies) {
    return with(settings, settings.allowedHosts(), proxies, settings.cors());
  }

  /// The same over TLS, with as much time for a handshake, a request and reading an answer.
  public static HttpSettings secured(HttpSettings settings, TlsFiles files, Duration limit) {
    return new HttpSettings(
        settings.host(),
        settings.port(),
        settings.allowedHosts(),
        settings.trustedProxies(),
        limit,
        limit,
        settings.idleTimeout(),
        settings.heartbeat(),
        settings.maxBodySize(),
        settings.maxInFlight(),
        Optional.of(files),
        settings.cors());
  }

  private static HttpSettings with(
      HttpSettings settings, List<String> names, List<Cidr> proxies, Optional<Cors> cors) {
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
        cors);
  }

  public static RouteServer of(Route... routes) {
    return of(settings(), routes);
  }

  public static RouteServer of(HttpSettings settings, Route... routes) {
    return of(settings, new RouteGroup("", "Test", "What a test needs.", List.of(routes)));
  }

  public static RouteServer of(HttpSettings settings, RouteGroup... groups) {
    return new RouteServer(settings, ample(), Authenticator.off(), List.of(groups));
  }

  /// One with so much memory for requests and responses.
  public static RouteServer of(HttpSettings settings, MemoryBudget memory, Route... routes) {
    RouteGroup group = new RouteGroup("", "Test", "What a test needs.", List.of(routes));
    return new RouteServer(settings, memory, Authenticator.off(), List.of(group));
  }

  private static MemoryBudget ample() {
    return new MemoryBudget(256 << 20);
  }

  /// One that lets in whom an authenticator knows.
  public static RouteServer of(Authenticator authenticator, Route... routes) {
    return of(settings(), authenticator, routes);
  }

  public static RouteServer of(
      HttpSettings settings, Authenticator authenticator, Route... routes) {
    RouteGroup group = new RouteGroup("", "Test", "What a test needs.", List.of(routes));
    return new RouteServer(settings, ample(), authenticator, List.of(group));
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

  /// A new connection to the server.
  public Wire connect() throws IOException {
    return new Wire(port());
  }

  /// The answer to one request on a connection of its own.
  ///
  /// @param head first line and headers, without Host and without the empty line after them
  public Wire.Answer ask(String head) throws IOException {
    return ask(head, "");
  }

  public Wire.Answer ask(String head, String body) throws IOException {
    try (Wire wire = connect()) {
      wire.send(head, body);
      return wire.answer();
    }
  }

  /// Stops the server within a time.
  public void stop(Duration remaining) throws InterruptedException {
    server.stop(remaining);
  }

  @Override
  public void close() {
    try {
      server.stop(SOON);
      loops.stop(SOON);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("the server does not stop", e);
    }
  }
}
