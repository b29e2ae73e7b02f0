package dev.agentlab.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// The `agent restore` command.
@Command(
    name = "restore",
    description = "Restore an agent to an earlier revision. The result is a new revision.")
final class AgentRestoreCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(index = "0", paramLabel = "AGENT", description = "The name or id of the agent.")
  private String agent = "";

  @Parameters(
      index = "1",
      paramLabel = "REVISION",
      description = "The revision; `agent-lab agent revisions` lists them.")
  private long revision;

  AgentRestoreCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    RevisionedResources agents = RevisionedResources.agents(context.api());
    JsonNode restored = agents.restore(agents.registry().find(agent), revision);
    context.print(restored, () -> ResourcePrinter.restored(restored, revision));
    return ExitCode.OK.number();
  }
}
