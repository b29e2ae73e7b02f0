package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `provider add`: creates a provider and tests it.
@Command(
    name = "add",
    description = {
      "Add a provider and test it. Prompts for missing values on a terminal. If the test fails, the"
          + " provider is stored nevertheless, and the exit code is 6.",
      "",
      "  agent-lab provider add local --kind ollama --base-url http://localhost:11434",
      "  agent-lab provider add --file provider.json --secret-env token=AZURE_KEY",
      ""
    })
final class ProviderAddCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "The name of the provider.")
  private Optional<String> name = Optional.empty();

  @Mixin private final ProviderFlags input = new ProviderFlags();

  @Option(names = "--no-test", description = "Skip the test.")
  private boolean noTest;

  @Option(names = "--require-test", description = "Add the provider only if its test passes.")
  private boolean requireTest;

  ProviderAddCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    if (noTest && requireTest) {
      throw new CommandFailure(
          ExitCode.USAGE, "--no-test and --require-test are mutually exclusive");
    }
    ProvidersApi providers = new ProvidersApi(context.api());
    JsonNode stored = create(providers);
    String id = stored.path("id").asString("");
    context.printWarnings(stored);
    context.print(stored, () -> "added %s, id %s".formatted(stored.path("name").asString(""), id));
    return (noTest || requireTest ? ExitCode.OK : test(providers, id)).number();
  }

  private JsonNode create(ProvidersApi providers) {
    List<KindDescription> kinds = providers.kinds();
    ProviderQuestions questions = new ProviderQuestions(context.terminal(), kinds);
    JsonNode file = input.file(context.launchContext()).orElse(Json.MAPPER.missingNode());
    String providerName =
        name.or(() -> Optional.of(file.path("name").asString("")).filter(text -> !text.isEmpty()))
            .orElseGet(questions::promptForName);
    KindDescription kind =
        input.kind(file.path("config"), kinds).orElseGet(questions::promptForKind);
    ObjectNode config =
        input.applyTo(
            file.path("config"),
            kind,
            context.launchContext(),
            it -> ProviderQuestions.missing(kind, it));
    questions.complete(kind, config);
    ObjectNode provider = Json.MAPPER.createObjectNode().put("name", providerName);
    provider.set("config", config);
    return questions.create(
        kind,
        provider,
        () -> {
          if (requireTest && !passes(() -> providers.probe(config))) {
            throw new CommandFailure(ExitCode.CHECK_FAILED, "the test failed; nothing was saved");
          }
          return providers.registry().create(provider);
        });
  }

  private ExitCode test(ProvidersApi providers, String id) {
    try {
      if (passes(() -> providers.probe(id))) {
        return ExitCode.OK;
      }
      context.printError(
          "the provider was stored, but its test failed; change it with `agent-lab provider update`,"
              + " then run `agent-lab provider test`");
      return ExitCode.CHECK_FAILED;
    } catch (CommandFailure e) {
      context.printError("the provider was stored, but could not be tested: " + e.message());
      return e.code();
    }
  }

  private boolean passes(Supplier<JsonNode> probe) {
    JsonNode report = context.withWaitingNote("the test", probe);
    context.printStyledNote(new StepsPrinter(context.terminal()).text(report.path("stages")));
    return report.path("ok").asBoolean(false);
  }
}
