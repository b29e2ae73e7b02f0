package dev.agentlab.modelclient;

import dev.agentlab.dialects.ModelRequest;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// A target in the plan of a call.
///
/// @param name identifies it within its plan, such as `openai/gpt-5` or the name of an agent
/// @param agent the agent that is run on this target, if any
/// @param preparation adds what an agent or a route adds to the request of a client; throws
///   [InvalidInputException] if it cannot
public record PlannedTarget(
    String name,
    CallTarget target,
    Optional<CallSource.CalledAgent> agent,
    UnaryOperator<ModelRequest> preparation) {

  /// A copy that also makes this change to requests, after its own.
  public PlannedTarget thenPrepare(UnaryOperator<ModelRequest> further) {
    return new PlannedTarget(
        name, target, agent, request -> further.apply(preparation.apply(request)));
  }

  /// A copy that runs an agent: first makes the change of the agent to requests, and has no longer
  /// timeouts than the agent.
  ///
  /// @param outer the agent, in the place of one that the target runs
  public PlannedTarget forAgent(
      CallSource.CalledAgent outer, CallPolicy policy, UnaryOperator<ModelRequest> change) {
    return new PlannedTarget(
        name,
        target.within(policy),
        Optional.of(outer),
        request -> preparation.apply(change.apply(request)));
  }

  /// A copy with another name.
  PlannedTarget withName(String other) {
    return new PlannedTarget(other, target, agent, preparation);
  }

  /// A target whose requests are complete.
  public static PlannedTarget of(CallTarget target) {
    return new PlannedTarget(
        target.provider() + "/" + target.model(),
        target,
        Optional.empty(),
        UnaryOperator.identity());
  }
}
