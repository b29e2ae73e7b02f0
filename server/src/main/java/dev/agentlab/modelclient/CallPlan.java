package dev.agentlab.modelclient;

import java.util.List;

/// The targets of one model call, in the order in which they are tried. The next one is tried if a
/// target fails before the caller has received content.
///
/// @param targets at least one
public record CallPlan(List<CallTarget> targets) {
  public CallPlan {
    targets = List.copyOf(targets);
    if (targets.isEmpty()) {
      throw new IllegalArgumentException("a plan needs a target");
    }
  }

  /// A plan with one target.
  public static CallPlan of(CallTarget target) {
    return new CallPlan(List.of(target));
  }
}
