package dev.agentlab.agents.run;

import dev.agentlab.secrets.Secret;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The input of one run of an agent.
public sealed interface RunInput
    permits ChatInput, ChatStreamInput, ToolsInput, EmbedInput, VisionInput {

  /// Members of the model request. They override the agent's options.
  Optional<ObjectNode> options();

  /// Members of OpenAI's request at the top level; equivalent to [#options].
  default Map<String, JsonNode> members() {
    return Map.of();
  }

  /// Replaces the provider's API key for this run; an empty token is ignored.
  Optional<Secret> token();
}
