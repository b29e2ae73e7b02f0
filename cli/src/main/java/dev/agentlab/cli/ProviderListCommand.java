package dev.agentlab.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/// `provider list`: lists providers.
@Command(name = "list", description = "List providers.")
final class ProviderListCommand implements Callable<Integer> {
  private final CommandContext context;

  @Mixin private final SearchInput input = new SearchInput();

  ProviderListCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    JsonNode page = input.read(new ProvidersApi(context.api()).registry());
    context.printTable(page, () -> table(page));
    PageInput.notePosition(context, page, "providers");
    return ExitCode.OK.number();
  }

  private static Table table(JsonNode page) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode provider : page.path("data")) {
      rows.add(
          List.of(
              provider.path("name").asString(""),
              provider.path("config").path("name").asString(""),
              provider.path("config").path("base_url").asString(""),
              provider.path("id").asString(""),
              RelativeTime.format(provider.path("updated_at").asString(""))));
    }
    return new Table(List.of("NAME", "KIND", "BASE URL", "ID", "UPDATED"), rows);
  }
}
