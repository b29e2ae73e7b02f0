package dev.agentlab.agents.run;

import dev.agentlab.secrets.Secret;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What one run of an agent is about.
public sealed interface RunInput
    permits ChatInput, ChatStreamInput, ToolsInput, EmbedInput, VisionInput {

  /// Members of the request to the model, over the agent's own.
  Optional<ObjectNode> options();

  /// OpenAI's request members beside those of the command; they mean what [#options] mean.
  default Map<String, JsonNode> members() {
    return Map.of();
  }

  /// What takes the place of the provider's key for this call; nothing does if it is empty.
  Optional<Secret> token();
}
