package dev.agentlab.gateway;

import dev.agentlab.agents.run.AgentModel;
import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.kinds.ResolvedProvider;
import dev.agentlab.modelclient.CallPolicy;
import dev.agentlab.modelclient.CallTarget;
import java.time.Duration;

/// What a client calls by the name of a model, ready to be called.
sealed interface ResolvedModel {

  /// The only target of a call.
  CallTarget target();

  /// The request with what an agent adds to it.
  ///
  /// @throws InvalidInputException if an agent cannot add it
  ModelRequest prepare(ModelRequest request);

  /// An agent.
  record OfAgent(AgentModel model) implements ResolvedModel {
    @Override
    public CallTarget target() {
      return model.target();
    }

    @Override
    public ModelRequest prepare(ModelRequest request) {
      return model.apply(request);
    }
  }

  /// A model of a registered provider.
  record OfProvider(CallTarget target) implements ResolvedModel {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    @Override
    public ModelRequest prepare(ModelRequest request) {
      return request;
    }

    /// @param name the provider's name of the model
    /// @throws UnavailableException if the configuration of the provider cannot be used, or a
    ///   reference to a secret cannot be resolved: the administrator has to mend it, not the client
    static OfProvider of(ResolvedProvider provider, String name) {
      try {
        return new OfProvider(
            new CallTarget(
                provider.id(),
                provider.name(),
                provider.key(),
                provider.callable(),
                name,
                CallPolicy.CLIENT_RETRIES));
      } catch (InvalidInputException e) {
        throw new UnavailableException(
            "provider '%s' cannot be called with its configuration".formatted(provider.name()),
            RETRY_AFTER,
            e);
      }
    }
  }
}
