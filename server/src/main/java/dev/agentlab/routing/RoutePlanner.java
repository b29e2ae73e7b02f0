package dev.agentlab.routing;

import dev.agentlab.errors.UnavailableException;
import dev.agentlab.errors.UnreadableSecretException;
import dev.agentlab.modelclient.CallPlan;
import dev.agentlab.modelclient.PlanRequest;
import dev.agentlab.modelclient.RouteDecision.SkippedTarget;
import dev.agentlab.modelclient.RoutePlans;
import dev.agentlab.routing.RouteDestination.ProviderModel;
import dev.agentlab.routing.RouteDestination.RegisteredAgent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/// Plans the calls of routes: which targets a call tries, and in which order. A right to a route
/// covers its targets, so that theirs is not checked. Thread-safe.
public final class RoutePlanner implements RoutePlans {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
  private static final String UNUSABLE = "cannot be called with its configuration";

  private final RegisteredRoutes routes;
  private final DestinationResolver destinations;

  public RoutePlanner(RegisteredRoutes routes, DestinationResolver destinations) {
    this.routes = routes;
    this.destinations = destinations;
  }

  /// The id of the route with a name, empty inside if there is none; empty if this is not in
  /// memory. Does not block.
  public Optional<Optional<UUID>> findIdCached(String name) {
    return routes.findIdCached(name);
  }

  /// The id of the route with a name. Blocks.
  public Optional<UUID> findId(String name) {
    return routes.findId(name);
  }

  @Override
  public Optional<CallPlan> planCached(UUID route, PlanRequest request) {
    PlanRequest nested = request.nested();
    return routes
        .findCached(route)
        .map(found ->
            candidates(
                found, target -> destinations.resolveCached(target.destination(), nested, this)))
        .filter(candidates -> candidates.isComplete() && !candidates.all().isEmpty())
        .map(candidates -> candidates.plan(request));
  }

  @Override
  public Optional<CallPlan> plan(UUID route, PlanRequest request) {
    PlanRequest nested = request.nested();
    return routes
        .find(route)
        .map(found -> {
          RouteCandidates candidates =
              candidates(found, target -> destinations.resolve(target.destination(), nested, this));
          if (candidates.all().isEmpty()) {
            throw new UnavailableException(
                "no target of the route '%s' can be called with its configuration"
                    .formatted(found.name()),
                RETRY_AFTER);
          }
          return candidates.plan(request);
        });
  }

  /// @param resolver resolves a target, if it can
  private static RouteCandidates candidates(
      ResolvedRoute route, Function<RouteTarget, Optional<CallPlan>> resolver) {
    List<RouteCandidates.Candidate> candidates = new ArrayList<>();
    List<SkippedTarget> unusable = new ArrayList<>();
    boolean isComplete = true;
    for (RouteTarget target : route.config().targets()) {
      try {
        Optional<CallPlan> found = resolver.apply(target);
        isComplete &= found.isPresent();
        found.ifPresent(plan -> {
          candidates.add(new RouteCandidates.Candidate(target, plan.targets()));
          plan.route().ifPresent(nested -> unusable.addAll(nested.unusable()));
        });
      } catch (UnavailableException | UnreadableSecretException e) {
        // One target with an unusable configuration must not stop the others.
        unusable.add(new SkippedTarget(name(target), UNUSABLE));
      }
    }
    return new RouteCandidates(route, candidates, unusable, isComplete);
  }

  /// The name of a target that cannot be resolved.
  private static String name(RouteTarget target) {
    return switch (target.destination()) {
      case ProviderModel(UUID provider, String model) -> provider + "/" + model;
      case RegisteredAgent(UUID agent) -> agent.toString();
    };
  }
}
