package dev.agentlab.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `provider test`: probes a provider stage by stage.
@Command(
    name = "test",
    description = "Test a provider stage by stage: which one fails, why, and what to do.")
final class ProviderProbeCommand implements Callable<Integer> {
  private final CommandContext session;

  @Parameters(paramLabel = "PROVIDER", description = "Its name or id.")
  private String provider = "";

  ProviderProbeCommand(CommandContext session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    ProvidersApi providers = new ProvidersApi(session.api());
    JsonNode report = session.waiting("the test of " + provider, () -> providers.probe(provider));
    session.printStyled(
        report, () -> new StepsPrinter(session.terminal()).text(report.path("stages")));
    return (report.path("ok").asBoolean(false) ? ExitCode.OK : ExitCode.CHECK_FAILED).number();
  }
}
