package dev.agentlab.routing;

import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.modelclient.CallPlan;
import dev.agentlab.modelclient.CallPlan.PlannedRoute;
import dev.agentlab.modelclient.PlanRequest;
import dev.agentlab.modelclient.PlannedTarget;
import dev.agentlab.modelclient.RouteDecision.SkippedTarget;
import dev.agentlab.secrets.Sha256;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/// A route with its targets, ready to be called.
///
/// @param all the targets that can be called, in the order of the configuration
/// @param unusable those that cannot, also of the routes of agents
/// @param isComplete whether all targets of the route were found
record RouteCandidates(
    ResolvedRoute route, List<Candidate> all, List<SkippedTarget> unusable, boolean isComplete) {

  /// The kinds whose newer models refuse the older name of the limit.
  private static final Set<String> NEW_LIMIT_NAME = Set.of("openai", "azure");

  /// A target that can be called.
  ///
  /// @param planned what it calls, in the order in which it is tried
  record Candidate(RouteTarget target, List<PlannedTarget> planned) {}

  private record Ranked(Candidate candidate, double distance) {
    static final Comparator<Ranked> ORDER =
        Comparator.comparingInt((Ranked it) -> it.candidate().target().priority())
            .thenComparingDouble(Ranked::distance);
  }

  /// The plan of a call, with the targets in the order in which it tries them: by priority, and at
  /// random within one, with the probabilities of the weights. All calls of a session have the same
  /// order on every replica, so that they find the caches of their provider warm, and another
  /// target is added or removed without moving most sessions (weighted rendezvous hashing,
  /// https://www.snia.org/sites/default/files/SDC15_presentations/dist_sys/Jason_Resch_New_Consistent_Hashings_Rev.pdf).
  CallPlan plan(PlanRequest request) {
    boolean keepsSessions = route.config().affinity() == ModelRouteConfig.Affinity.SESSION;
    Optional<String> session = keepsSessions ? request.session().get() : Optional.empty();
    List<PlannedTarget> ordered =
        all.stream()
            .map(it -> new Ranked(it, distance(it.target(), session)))
            .sorted(Ranked.ORDER)
            .flatMap(it -> it.candidate().planned().stream())
            .map(this::withParameters)
            .toList();
    return new CallPlan(ordered, Optional.of(plannedRoute(keepsSessions && session.isEmpty())));
  }

  private PlannedRoute plannedRoute(boolean followsConversation) {
    return new PlannedRoute(
        route.id(),
        route.name(),
        route.revision(),
        route.config().fallbackOn(),
        followsConversation,
        route.config().firstContentTimeout(),
        unusable);
  }

  /// An exponentially distributed number with the weight as its rate: of several, each is the
  /// smallest with the probability of its share of the weights, whichever others take no calls.
  private static double distance(RouteTarget target, Optional<String> session) {
    double uniform =
        session
            .map(it -> hash(it, target))
            .orElseGet(() -> 1 - ThreadLocalRandom.current().nextDouble());
    return -Math.log(uniform) / target.weight();
  }

  /// A number above 0 and at most 1.
  private static double hash(String session, RouteTarget target) {
    byte[] hash = Sha256.of(target.destination() + "\n" + session);
    long bits = ByteBuffer.wrap(hash).getLong() >>> 11;
    return (bits + 1) * 0x1p-53;
  }

  private PlannedTarget withParameters(PlannedTarget planned) {
    RouteParameters parameters = route.config().parameters();
    return parameters.isEmpty()
        ? planned
        : planned.thenPrepare(request -> addParameters(request, planned));
  }

  /// Adds the defaults and the limits of the route. Those of an agent come before.
  private ModelRequest addParameters(ModelRequest request, PlannedTarget planned) {
    RouteParameters parameters = route.config().parameters();
    ModelRequest changed =
        request.operation().isChat() ? request.withDefaults("", parameters.defaults()) : request;
    return parameters
        .maxOutputTokens()
        .map(limit -> changed.withMaxOutputTokens(limit, limitName(planned)))
        .orElse(changed);
  }

  private static String limitName(PlannedTarget planned) {
    return NEW_LIMIT_NAME.contains(planned.target().callable().kind().name())
        ? "max_completion_tokens"
        : "max_tokens";
  }
}
