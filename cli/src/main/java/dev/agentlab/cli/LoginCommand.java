package dev.agentlab.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/// `login`: prints a link that signs a browser in.
@Command(
    name = "login",
    description = {
      "Print a link that signs a browser in to the web console with the API key of this command. The"
          + " link works once, within 10 minutes: the first browser that opens it is signed in.",
      ""
    })
final class LoginCommand implements Callable<Integer> {
  private static final String PATH = "/api/session/links";

  private final CommandContext context;

  LoginCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    JsonNode link = context.api().post(PATH, Optional.empty()).body();
    context.print(link, () -> link.path("url").asString(""));
    context.printNote(
        "open the link in a browser before %s; it works once"
            .formatted(RelativeTime.truncateToSeconds(link.path("expires_at").asString(""))));
    return ExitCode.OK.number();
  }
}
