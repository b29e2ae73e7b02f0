package dev.agentlab.agents.run;

import dev.agentlab.secrets.Secret;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// What an agent is asked about images.
public record VisionCommand(
    String prompt, List<Image> images, Optional<ObjectNode> options, Optional<Secret> token)
    implements RunCommand {
  public VisionCommand {
    images = List.copyOf(images);
  }
}
