package dev.agentlab.console;

import dev.agentlab.feature.Feature;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.security.Scope;
import java.util.List;

/// The web console and the documentation: static files, which need no database.
public record ConsoleFeature() implements Feature {
  public static final List<Scope> SCOPES = List.of();

  @Override
  public List<RouteGroup> routes() {
    return List.of(ConsoleRoutes.of(StaticFiles.read(ConsoleFeature.class.getClassLoader())));
  }
}
