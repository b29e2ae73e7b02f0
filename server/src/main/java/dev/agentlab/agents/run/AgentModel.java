package dev.agentlab.agents.run;

import dev.agentlab.agents.AgentConfig;
import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.kinds.Capability;
import dev.agentlab.modelclient.CallSource;
import dev.agentlab.modelclient.CallTarget;
import dev.agentlab.modelclient.PlannedTarget;
import dev.agentlab.resources.RequestOptions;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// An agent that clients of models call by its name. Its system prompt and its options apply to
/// their requests.
///
/// @param target the provider and the model of the agent
public record AgentModel(CallSource.CalledAgent agent, CallTarget target, AgentConfig config) {
  static AgentModel of(RunnableAgents.RunnableAgent found) {
    return new AgentModel(
        new CallSource.CalledAgent(
            found.agent().id(), found.agent().name(), found.agent().revision()),
        AgentRuns.target(found, Optional.empty()),
        found.agent().config());
  }

  /// The agent as the target of a call.
  public PlannedTarget planned() {
    return new PlannedTarget(agent.name(), target, Optional.of(agent), this::apply);
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
