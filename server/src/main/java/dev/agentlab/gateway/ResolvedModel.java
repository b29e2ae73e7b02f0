package dev.agentlab.gateway;

import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.kinds.ResolvedProvider;
import dev.agentlab.modelclient.CallPlan;
import dev.agentlab.modelclient.CallTarget;
import dev.agentlab.modelclient.PlannedTarget;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// What a client calls by the name of a model, ready to be called.
///
/// @param plan the plan of the call
record ResolvedModel(CallPlan plan) {
  /// A model of a registered provider.
  ///
  /// @param name the provider's name of the model
  /// @throws dev.agentlab.errors.UnavailableException if its configuration cannot be used
  static ResolvedModel of(ResolvedProvider provider, String name) {
    return new ResolvedModel(CallPlan.of(CallTarget.of(provider, name)));
  }

  /// The targets, in the order in which they are tried.
  List<PlannedTarget> targets() {
    return plan.targets();
  }

  /// The first target.
  CallTarget first() {
    return plan.first().target();
  }

  /// A copy with the targets that fit; empty if none does.
  Optional<ResolvedModel> only(Predicate<PlannedTarget> fits) {
    return plan.only(fits).map(ResolvedModel::new);
  }

  /// A copy that first tries the targets of the provider whose response the request continues, if
  /// that is best.
  ///
  /// @param provider the name of the provider
  ResolvedModel preferring(String provider) {
    return plan.route().filter(CallPlan.PlannedRoute::followsConversation).isPresent()
        ? new ResolvedModel(plan.preferring(it -> it.target().provider().equals(provider)))
        : this;
  }

  /// A copy in which a conversation with reasoning that one vendor has encrypted stays with the
  /// targets that may read it: the others would answer without it.
  ResolvedModel keepingReasoning(ModelRequest received) {
    Predicate<PlannedTarget> reads = it -> ModelCalls.isNative(it, Operation.RESPONSES);
    boolean mayMove =
        received.operation() == Operation.RESPONSES
            && plan.targets().size() > 1
            && plan.targets().stream().anyMatch(reads)
            && received.hasEncryptedReasoning();
    return mayMove
        ? thenPrepare(
            reads.negate(),
            _ -> {
              throw new InvalidInputException(
                  "input", "has reasoning that only the provider that encrypted it can read");
            })
        : this;
  }

  /// A copy whose targets that fit also make a change to requests.
  ResolvedModel thenPrepare(
      Predicate<PlannedTarget> fits, UnaryOperator<ModelRequest> preparation) {
    return new ResolvedModel(plan.thenPrepare(fits, preparation));
  }
}
