package dev.agentlab.modelclient;

import dev.agentlab.security.Caller;
import java.util.Optional;
import java.util.UUID;

/// Where a model call comes from.
///
/// @param agent the agent that is run, if any
/// @param clientDialect the API that the client speaks, such as `openai`
/// @param labels what the client says about the call
public record CallSource(
    Caller caller, Optional<CalledAgent> agent, String clientDialect, CallLabels labels) {

  /// A copy with the agent that is run.
  CallSource withAgent(CalledAgent other) {
    return new CallSource(caller, Optional.of(other), clientDialect, labels);
  }

  /// A copy with other labels.
  public CallSource withLabels(CallLabels others) {
    return new CallSource(caller, agent, clientDialect, others);
  }

  /// An agent at a revision.
  public record CalledAgent(UUID id, String name, long revision) {}
}
