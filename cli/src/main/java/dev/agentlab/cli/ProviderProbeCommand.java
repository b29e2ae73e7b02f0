package dev.agentlab.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `provider test`: probes a provider in stages.
@Command(
    name = "test",
    description = "Test a provider in stages; if one fails, show the cause and a fix.")
final class ProviderProbeCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(paramLabel = "PROVIDER", description = "The name or ID of the provider.")
  private String provider = "";

  ProviderProbeCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ProvidersApi providers = new ProvidersApi(context.api());
    JsonNode report =
        context.withWaitingNote("the test of " + provider, () -> providers.probe(provider));
    context.printStyled(
        report, () -> new StepsPrinter(context.terminal()).text(report.path("stages")));
    return (report.path("ok").asBoolean(false) ? ExitCode.OK : ExitCode.CHECK_FAILED).number();
  }
}
