package dev.agentlab.modelclient;

import dev.agentlab.security.Caller;
import java.util.Optional;
import java.util.UUID;

/// Where a model call comes from.
///
/// @param agent the agent that is run, if any
/// @param clientDialect the API that the client speaks, such as `openai`
public record CallSource(Caller caller, Optional<CalledAgent> agent, String clientDialect) {

  /// An agent at a revision.
  public record CalledAgent(UUID id, String name, long revision) {}
}
