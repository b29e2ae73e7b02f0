package dev.agentlab.modelclient;

import dev.agentlab.errors.UnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// What the plan of one call is made for. Counts the routes in it, because routes over agents over
/// routes can be nested.
///
/// @param session reads the session of the call, if it has one
/// @param depth how many routes the one that is planned is nested in
/// @param routes how many routes have been planned for the call; shared by all copies
public record PlanRequest(Supplier<Optional<String>> session, int depth, AtomicInteger routes) {
  /// The number of routes of which each is a target of the one before, through an agent.
  public static final int MAX_DEPTH = 8;

  private static final int MAX_ROUTES = 128;
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  /// A request for a plan.
  public static PlanRequest of(Supplier<Optional<String>> session) {
    return new PlanRequest(session, 0, new AtomicInteger());
  }

  /// The request for the targets of a route.
  ///
  /// @throws UnavailableException if the call has too many routes
  public PlanRequest nested() {
    if (depth >= MAX_DEPTH || routes.incrementAndGet() > MAX_ROUTES) {
      throw new UnavailableException(
          "routes are nested more than %d deep, or a call has more than %d of them"
              .formatted(MAX_DEPTH, MAX_ROUTES),
          RETRY_AFTER);
    }
    return new PlanRequest(session, depth + 1, routes);
  }
}
