package dev.agentlab.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `agent restore`: makes an agent what it was.
@Command(
    name = "restore",
    description = "Make an agent what it was at a revision, which becomes its newest.")
final class AgentRestoreCommand implements Callable<Integer> {
  private final CommandContext session;

  @Parameters(index = "0", paramLabel = "AGENT", description = "Its name or id.")
  private String agent = "";

  @Parameters(
      index = "1",
      paramLabel = "REVISION",
      description = "See `agent-lab agent revisions`.")
  private long revision;

  AgentRestoreCommand(CommandContext session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    AgentsApi agents = new AgentsApi(session.api());
    JsonNode restored = agents.restore(agents.registry().find(agent), revision);
    session.print(
        restored,
        () ->
            "restored %s as it was at revision %d; it is now at revision %s"
                .formatted(
                    restored.path("name").asString(""),
                    revision,
                    restored.path("revision").asString("")));
    return ExitCode.OK.number();
  }
}
