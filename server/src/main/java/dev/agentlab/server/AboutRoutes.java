package dev.agentlab.server;

import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import java.util.List;
import java.util.function.Supplier;

/// The route about the program itself. Its response contains no secrets.
final class AboutRoutes {
  private AboutRoutes() {}

  static RouteGroup of(Supplier<About> about) {
    return new RouteGroup(
        "/api/about",
        "About",
        "The program that runs, its database, its replicas and its configuration.",
        List.of(
            Route.get("", "Get the version and the configuration")
                .operation(
                    "getAbout",
                    "The configuration has the source of each value. Secrets are masked.")
                .requires(AboutFeature.SYSTEM_READ)
                .returns(200, About.class)
                .handledBy(_ -> Response.ok(about.get()))));
  }
}
