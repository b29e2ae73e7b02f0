package dev.agentlab.agents.run;

import dev.agentlab.secrets.Secret;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// The input of a chat completion with images.
public record VisionInput(
    String prompt, List<ImageInput> images, Optional<ObjectNode> options, Optional<Secret> token)
    implements RunInput {
  public VisionInput {
    images = List.copyOf(images);
  }
}
