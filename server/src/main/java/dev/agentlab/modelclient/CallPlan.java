package dev.agentlab.modelclient;

import dev.agentlab.dialects.ModelRequest;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// The targets of one model call, in the order in which they are tried. The next one is tried if a
/// target fails before the caller has received content.
///
/// @param targets at least one
/// @param route the route that made the plan; empty for a call of one model or agent
public record CallPlan(List<PlannedTarget> targets, Optional<PlannedRoute> route) {

  /// The route of a plan.
  ///
  /// @param fallbackOn the failures with which the next target is tried
  /// @param followsConversation whether a request that continues a response is best sent to the
  ///   provider of that: the route keeps sessions together, and the call has none
  /// @param firstContentTimeout timeout of a target, from the start of its attempt to the first
  ///   content of a stream, while another target is left
  /// @param unusable the targets whose configuration cannot be used
  public record PlannedRoute(
      UUID id,
      String name,
      long revision,
      Set<FallbackCause> fallbackOn,
      boolean followsConversation,
      Optional<Duration> firstContentTimeout,
      List<RouteDecision.SkippedTarget> unusable) {
    public PlannedRoute {
      fallbackOn = Set.copyOf(fallbackOn);
      unusable = List.copyOf(unusable);
    }

    private PlannedRoute withUnusable(List<RouteDecision.SkippedTarget> others) {
      return new PlannedRoute(
          id, name, revision, fallbackOn, followsConversation, firstContentTimeout, others);
    }
  }

  public CallPlan {
    targets = List.copyOf(targets);
    if (targets.isEmpty()) {
      throw new IllegalArgumentException("a plan needs a target");
    }
  }

  /// A plan with one target.
  public static CallPlan of(CallTarget target) {
    return of(PlannedTarget.of(target));
  }

  /// A plan with one target.
  public static CallPlan of(PlannedTarget target) {
    return new CallPlan(List.of(target), Optional.empty());
  }

  /// A copy with the targets that fit; empty if none does.
  public Optional<CallPlan> only(Predicate<PlannedTarget> fits) {
    List<PlannedTarget> fitting = targets.stream().filter(fits).toList();
    return fitting.isEmpty() ? Optional.empty() : Optional.of(new CallPlan(fitting, route));
  }

  /// A copy in which the targets that fit come first.
  public CallPlan preferring(Predicate<PlannedTarget> fits) {
    return new CallPlan(
        targets.stream()
            .sorted(Comparator.comparing((PlannedTarget it) -> !fits.test(it)))
            .toList(),
        route);
  }

  /// A copy whose targets have other names.
  public CallPlan withNames(UnaryOperator<String> rename) {
    return new CallPlan(
        targets.stream().map(it -> it.withName(rename.apply(it.name()))).toList(),
        route.map(it ->
            it.withUnusable(
                it.unusable().stream()
                    .map(skipped ->
                        new RouteDecision.SkippedTarget(
                            rename.apply(skipped.target()), skipped.reason()))
                    .toList())));
  }

  /// A copy whose targets run an agent.
  ///
  /// @param policy its timeouts limit those of the targets
  /// @param changes what the agent changes in the requests for a target, before the target does
  public CallPlan forAgent(
      CallSource.CalledAgent agent,
      CallPolicy policy,
      Function<CallTarget, UnaryOperator<ModelRequest>> changes) {
    return new CallPlan(
        targets.stream().map(it -> it.forAgent(agent, policy, changes.apply(it.target()))).toList(),
        route);
  }

  /// A copy whose targets that fit also make this change to requests, after their own.
  public CallPlan thenPrepare(
      Predicate<PlannedTarget> fits, UnaryOperator<ModelRequest> preparation) {
    return new CallPlan(
        targets.stream().map(it -> fits.test(it) ? it.thenPrepare(preparation) : it).toList(),
        route);
  }

  /// Whether the next target is tried after a failure, if there is one.
  boolean fallsBackOn(CallFailure failure) {
    return failure
        .fallbackCause()
        .filter(cause ->
            cause == FallbackCause.UNREADABLE_ITEMS
                || route.map(it -> it.fallbackOn().contains(cause)).orElse(true))
        .isPresent();
  }

  /// The first target.
  public PlannedTarget first() {
    return targets.getFirst();
  }
}
