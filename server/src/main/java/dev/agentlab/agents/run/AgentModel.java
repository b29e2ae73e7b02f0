package dev.agentlab.agents.run;

import dev.agentlab.agents.AgentConfig;
import dev.agentlab.agents.ProviderReference;
import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.kinds.Capability;
import dev.agentlab.modelclient.CallPlan;
import dev.agentlab.modelclient.CallSource;
import dev.agentlab.modelclient.CallTarget;
import dev.agentlab.modelclient.PlanRequest;
import dev.agentlab.modelclient.PlannedTarget;
import dev.agentlab.modelclient.RoutePlans;
import dev.agentlab.resources.RequestOptions;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// An agent that clients of models call by its name. Its system prompt and its options apply to
/// their requests.
///
/// @param target the provider and the model of the agent; empty for an agent over a route
public record AgentModel(
    CallSource.CalledAgent agent, Optional<CallTarget> target, AgentConfig config) {
  static AgentModel of(RunnableAgents.RunnableAgent found) {
    return new AgentModel(
        found.calledAgent(),
        found.provider().map(it -> AgentRuns.target(found.agent(), it, Optional.empty())),
        found.agent().config());
  }

  /// The route that the agent calls in the place of a provider.
  public Optional<UUID> route() {
    return config.provider() instanceof ProviderReference.Route(UUID id)
        ? Optional.of(id)
        : Optional.empty();
  }

  /// The plan of a call, if the route of the agent is in memory or it has none. Does not block.
  public Optional<CallPlan> planCached(RoutePlans routes, PlanRequest request) {
    return ownPlan()
        .or(() -> route().flatMap(it -> routes.planCached(it, request)).map(this::over));
  }

  /// The plan of a call; empty if the route of the agent has been deleted. Blocks.
  ///
  /// @throws dev.agentlab.errors.UnavailableException if no target of the route can be called
  public Optional<CallPlan> plan(RoutePlans routes, PlanRequest request) {
    return ownPlan().or(() -> route().flatMap(it -> routes.plan(it, request)).map(this::over));
  }

  /// The plan of a call of the agent's own model; empty for an agent over a route.
  private Optional<CallPlan> ownPlan() {
    return target.map(
        it -> CallPlan.of(new PlannedTarget(agent.name(), it, Optional.of(agent), this::apply)));
  }

  /// The plan of a call of an agent over a route: that of the route, for the prompt and the options
  /// of the agent.
  CallPlan over(CallPlan route) {
    return route.forAgent(agent, config.client(), _ -> this::apply);
  }

  /// The request with the system prompt before the messages of the client, and with the options of
  /// the agent that it lacks.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if the request has no messages
  ModelRequest apply(ModelRequest request) {
    return request.withDefaults(config.systemPrompt(), options(request));
  }

  /// The options that apply to a request.
  private ObjectNode options(ModelRequest request) {
    ObjectNode options = JsonNodeFactory.instance.objectNode();
    for (Capability capability : capabilities(request)) {
      config
          .model()
          .options(capability)
          .without(RequestOptions.RESERVED_MEMBERS)
          .forEachEntry((name, value) -> {
            if (!options.has(name)) {
              options.set(name, value);
            }
          });
    }
    return options;
  }

  /// The capabilities whose options apply; those of the first take precedence.
  private static List<Capability> capabilities(ModelRequest request) {
    return switch (request.operation()) {
      case CHAT,
          COMPLETIONS,
          MESSAGES,
          GENERATE_CONTENT,
          RESPONSES,
          CHAT_WITH_INPUT,
          COUNT_RESPONSE_TOKENS,
          COMPACT_RESPONSE ->
          request.has("tools")
              ? List.of(Capability.TOOLS, Capability.CHAT)
              : List.of(Capability.CHAT);
      case EMBEDDINGS, EMBED_CONTENT, BATCH_EMBED_CONTENTS -> List.of(Capability.EMBEDDINGS);
      case COUNT_TOKENS, COUNT_CONTENT_TOKENS -> List.of();
      default ->
          throw new IllegalArgumentException("an agent has no options for " + request.operation());
    };
  }
}
