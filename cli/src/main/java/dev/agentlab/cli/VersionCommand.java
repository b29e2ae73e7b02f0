package dev.agentlab.cli;

import dev.agentlab.build.Build;
import dev.agentlab.json.Json;
import picocli.CommandLine.Command;
import tools.jackson.databind.node.ObjectNode;

/// `version`: prints which build of the program this is.
@Command(
    name = "version",
    description = "Print the version, the commit that it was built from, and the Java runtime.")
final class VersionCommand implements Runnable {
  private final CommandContext context;

  VersionCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public void run() {
    Build build = Build.current();
    ObjectNode result = Json.MAPPER.createObjectNode();
    result.put("version", build.version());
    result.put("commit", build.commit().orElse(null));
    result.put("commit_time", build.time().map(Object::toString).orElse(null));
    result.put("java", Runtime.version().toString());
    context.print(result, () -> "agent-lab %s, Java %s".formatted(build, Runtime.version()));
  }
}
