package dev.agentlab.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `provider models`: lists the models of a provider.
@Command(name = "models", description = "List the models of a provider, one per line.")
final class ProviderModelsCommand implements Callable<Integer> {
  private static final Duration LOAD_TIMEOUT = Duration.ofSeconds(30);

  private final CommandContext context;

  @Parameters(paramLabel = "PROVIDER", description = "The name or ID of the provider.")
  private String provider = "";

  ProviderModelsCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    ProvidersApi providers = new ProvidersApi(context.api());
    JsonNode models = providers.models(provider, LOAD_TIMEOUT);
    if (context.json() || !models.path("data").isEmpty()) {
      context.print(models, () -> lines(models.path("data")));
    }
    String state = models.path("state").asString("");
    if (state.equals("failed") || state.equals("loading")) {
      String error = models.path("error").asString("the provider has not responded yet");
      throw new CommandFailure(ExitCode.FAILURE, "cannot list the models: " + error);
    }
    if (state.equals("stale")) {
      context.printNote(
          "fetched at %s; a newer list is being fetched"
              .formatted(RelativeTime.truncateToSeconds(models.path("fetched_at").asString(""))));
    }
    return ExitCode.OK.number();
  }

  private static String lines(JsonNode models) {
    return StreamSupport.stream(models.spliterator(), false)
        .map(model -> model.path("id").asString(""))
        .collect(Collectors.joining("\n"));
  }
}
