package dev.agentlab.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `provider show`: shows a provider with its secrets masked.
@Command(name = "show", description = "Show the details of a provider, with its secrets masked.")
final class ProviderShowCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(paramLabel = "PROVIDER", description = "The name or ID of the provider.")
  private String provider = "";

  ProviderShowCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    JsonNode found = new ProvidersApi(context.api()).registry().find(provider).body();
    context.print(found, () -> text(found));
    return ExitCode.OK.number();
  }

  private static String text(JsonNode provider) {
    JsonNode config = provider.path("config");
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("id", provider.path("id").asString("")));
    rows.add(List.of("kind", config.path("name").asString("")));
    rows.add(List.of("base_url", config.path("base_url").asString("")));
    config
        .path("options")
        .propertyStream()
        .forEach(option -> rows.add(List.of(option.getKey(), value(option.getValue()))));
    rows.add(
        List.of(
            "created_at",
            RelativeTime.truncateToSeconds(provider.path("created_at").asString(""))));
    rows.add(
        List.of(
            "updated_at",
            RelativeTime.truncateToSeconds(provider.path("updated_at").asString(""))));
    return new Table(List.of("name", provider.path("name").asString("")), rows).text();
  }

  private static String value(JsonNode value) {
    if (value.path("set").asBoolean(false)) {
      String where =
          Stream.of("env", "file")
              .filter(value::has)
              .map(way -> way + " " + value.path(way).asString(""))
              .findFirst()
              .orElseGet(() -> value.path("hint").asString("…"));
      return "set (%s)".formatted(where);
    }
    return value.isString() ? value.asString() : value.toString();
  }
}
