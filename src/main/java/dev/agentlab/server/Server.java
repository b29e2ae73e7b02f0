package dev.agentlab.server;

import dev.agentlab.config.Config;
import dev.agentlab.config.Settings;
import dev.agentlab.http.HttpServer;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.http.openapi.OpenApi;
import dev.agentlab.lifecycle.Lifecycle;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The service: the composition root of all its parts.
public final class Server {
  private final Lifecycle lifecycle;
  private final HttpServer http;
  private final List<RouteGroup> routes;
  private final String scheme;
  private final String host;

  /// Puts the parts together; none of them starts.
  public Server(Config config) {
    RuntimeSystems runtime = RuntimeSystems.of(config);
    DomainSystems domain = DomainSystems.over(runtime, config.get(Settings.DATA_DIR));
    lifecycle = runtime.lifecycle();
    routes = routes(runtime, domain);
    http =
        new HttpServer(
            ComponentSettings.http(config),
            runtime.eventLoops(),
            routes,
            runtime.callers(),
            runtime.memory(),
            runtime.metrics());
    scheme = config.scheme();
    host = config.get(Settings.SERVER_HOST);
    runtime.register();
    domain.register(lifecycle);
    lifecycle.onShutdown(
        "http server",
        remaining -> http.stop(min(remaining, config.get(Settings.SERVER_SHUTDOWN_TIMEOUT))));
  }

  private static List<RouteGroup> routes(RuntimeSystems runtime, DomainSystems domain) {
    List<RouteGroup> groups = new ArrayList<>(domain.routes(runtime));
    groups.add(SecretRoutes.of(runtime.vault(), runtime.audit()));
    groups.add(
        HealthRoutes.of(
            runtime.lifecycle()::unreadyReason,
            runtime.vault().heartbeat()::rotationNotice,
            runtime.metrics()));
    return new OpenApi(version(), groups, domain.schemas(runtime)).groups();
  }

  /// Of the packaged program; classes run from a folder have none.
  private static String version() {
    return Optional.ofNullable(Server.class.getPackage().getImplementationVersion())
        .orElse("development");
  }

  /// Listens, and starts the rest in the background: liveness answers at once, readiness when all
  /// has started.
  ///
  /// @throws dev.agentlab.http.CannotListenException if the address cannot be had
  public void start() {
    http.start();
    lifecycle.start();
  }

  /// Waits until all has started, or the service is told to stop.
  ///
  /// @return true when it has started, false when it was told to stop before
  /// @throws dev.agentlab.lifecycle.LifecycleException if a part failed to start
  public boolean waitForStartup() throws InterruptedException {
    return lifecycle.waitForStartup();
  }

  /// Whether requests can be served now.
  public boolean ready() {
    return lifecycle.ready();
  }

  /// All that it serves.
  List<RouteGroup> routes() {
    return routes;
  }

  /// Where it listens, once started.
  public URI address() {
    String literal = host.contains(":") ? "[" + host + "]" : host;
    return URI.create("%s://%s:%d".formatted(scheme, literal, http.port()));
  }

  /// Stops: no longer ready, finishes what is in flight, closes what is open. Returns in time.
  ///
  /// @throws dev.agentlab.lifecycle.LifecycleException if a part did not stop in time
  public void shutdown(Duration timeout) throws InterruptedException {
    lifecycle.shutdown(timeout);
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
