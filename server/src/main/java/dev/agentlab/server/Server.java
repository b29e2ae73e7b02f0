package dev.agentlab.server;

import dev.agentlab.build.Build;
import dev.agentlab.config.Config;
import dev.agentlab.config.Settings;
import dev.agentlab.http.HttpServer;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.http.openapi.OpenApi;
import dev.agentlab.lifecycle.Lifecycle;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The service: creates, connects, starts and stops all components.
public final class Server {
  private final Lifecycle lifecycle;
  private final HttpServer httpServer;
  private final List<RouteGroup> routes;
  private final DomainComponents domain;
  private final Optional<String> publicOrigin;
  private final Duration shutdownDelay;
  private final String scheme;
  private final String host;

  /// Creates and connects the components without starting them.
  ///
  /// @throws dev.agentlab.config.ConfigException if a file that the configuration names is invalid
  public Server(Config config) {
    RuntimeComponents runtime = RuntimeComponents.create(config);
    domain = DomainComponents.create(runtime, config.get(Settings.DATA_DIR));
    Features features = Features.create(runtime, domain);
    lifecycle = runtime.lifecycle();
    routes = new OpenApi(Build.current().version(), features.routes(), features.schemas()).groups();
    httpServer =
        new HttpServer(
            ComponentSettings.http(config),
            runtime.eventLoops(),
            routes,
            runtime.authenticators(),
            runtime.memoryBudget(),
            runtime.metrics());
    publicOrigin = config.get(Settings.SERVER_PUBLIC_URL);
    shutdownDelay = config.get(Settings.SERVER_SHUTDOWN_DELAY);
    scheme = config.scheme();
    host = config.get(Settings.SERVER_HOST);
    runtime.register();
    features.register(lifecycle);
    lifecycle.onShutdown(
        "http server",
        remaining -> httpServer.stop(min(remaining, config.get(Settings.SERVER_SHUTDOWN_TIMEOUT))));
    lifecycle.onShutdown("shutdown delay", _ -> delayShutdown());
  }

  /// Starts to listen, and starts the other components in the background. The service is live at
  /// once, and ready when all components have started.
  ///
  /// @throws dev.agentlab.http.CannotListenException if the address is not available
  public void start() {
    httpServer.start();
    lifecycle.start();
  }

  /// Waits until all components have started or shutdown begins.
  ///
  /// @return true if all components have started, false if shutdown began first
  /// @throws dev.agentlab.lifecycle.LifecycleException if a component failed to start
  public boolean awaitStartup() throws InterruptedException {
    return lifecycle.awaitStartup();
  }

  /// Whether the service is ready.
  public boolean isReady() {
    return lifecycle.isReady();
  }

  /// All routes of the service.
  List<RouteGroup> routes() {
    return routes;
  }

  /// The base URL of the service, available after [#start].
  public URI address() {
    String literal = host.contains(":") ? "[" + host + "]" : host;
    return URI.create("%s://%s:%d".formatted(scheme, literal, httpServer.port()));
  }

  /// Creates a sign-in link of the admin key, if this start created the key.
  ///
  /// @param address the URL of the service, unless the configuration has another one for browsers
  public Optional<URI> createFirstSignInLink(String address) {
    return domain
        .adminKey()
        .created()
        .map(key -> domain.sessions().createLink(key, publicOrigin.orElse(address)).url());
  }

  /// Stops the service: readiness ends, requests in flight are completed, and connections are
  /// closed. Returns or throws within the timeout.
  ///
  /// @throws dev.agentlab.lifecycle.LifecycleException if a component did not stop in time
  public void shutdown(Duration timeout) throws InterruptedException {
    lifecycle.shutdown(timeout.plus(shutdownDelay));
  }

  /// The service is not ready any more, which load balancers notice within the delay.
  private void delayShutdown() throws InterruptedException {
    if (shutdownDelay.isPositive()) {
      httpServer.announceStop();
      Thread.sleep(shutdownDelay);
    }
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
