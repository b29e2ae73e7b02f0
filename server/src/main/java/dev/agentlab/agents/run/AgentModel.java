package dev.agentlab.agents.run;

import dev.agentlab.agents.AgentConfig;
import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.kinds.Capability;
import dev.agentlab.modelclient.CallSource;
import dev.agentlab.modelclient.CallTarget;
import dev.agentlab.resources.RequestOptions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// An agent that clients of models call by its name. Its system prompt and its options apply to
/// their requests.
///
/// @param target the provider and the model of the agent
public record AgentModel(CallSource.CalledAgent agent, CallTarget target, AgentConfig config) {
  /// Members of which a request has at most one.
  private static final List<Set<String>> ALTERNATIVES =
      List.of(Set.of("max_tokens", "max_completion_tokens"), Set.of("functions", "tools"));

  static AgentModel of(RunnableAgents.RunnableAgent found) {
    return new AgentModel(
        new CallSource.CalledAgent(
            found.agent().id(), found.agent().name(), found.agent().revision()),
        AgentRuns.target(found, Optional.empty()),
        found.agent().config());
  }

  /// The request with the system prompt before the messages of the client, and with the options of
  /// the agent that it lacks.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if the request has no messages
  public ModelRequest apply(ModelRequest request) {
    switch (request.operation()) {
      case MESSAGES,
          GENERATE_CONTENT,
          RESPONSES,
          CHAT_WITH_INPUT,
          COUNT_RESPONSE_TOKENS,
          COMPACT_RESPONSE -> {
        return request.withDefaults(config.systemPrompt(), options(request));
      }
      case EMBED_CONTENT, BATCH_EMBED_CONTENTS -> {
        return request.withDefaults("", options(request));
      }
      case COUNT_TOKENS, COUNT_CONTENT_TOKENS -> {
        return request.withDefaults(config.systemPrompt(), JsonNodeFactory.instance.objectNode());
      }
      default -> {}
    }
    ModelRequest applied = request;
    if (request.operation().isChat() && !config.systemPrompt().isEmpty()) {
      applied =
          applied.withFirstMessage(
              JsonNodeFactory.instance
                  .objectNode()
                  .put("role", "system")
                  .put("content", config.systemPrompt()));
    }
    for (Map.Entry<String, JsonNode> option : options(request).properties()) {
      applied = applied.withDefault(option.getKey(), option.getValue());
    }
    return applied;
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
            if (!options.has(name) && appliesTo(request, name)) {
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
      default ->
          throw new IllegalArgumentException("an agent has no options for " + request.operation());
    };
  }

  private static boolean appliesTo(ModelRequest request, String option) {
    return (request.isStreaming() || !option.equals("stream_options"))
        && ALTERNATIVES.stream()
            .filter(it -> it.contains(option))
            .noneMatch(it -> it.stream().anyMatch(request::has));
  }
}
