package dev.agentlab.cli;

import dev.agentlab.cli.KindDescription.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `provider kinds`: lists the provider kinds, or the options of one kind.
@Command(name = "kinds", description = "List provider kinds, or the options of one kind.")
final class ProviderKindListCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(arity = "0..1", paramLabel = "KIND", description = "The kind whose options to list.")
  private Optional<String> kind = Optional.empty();

  ProviderKindListCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    JsonNode response = context.api().get("/api/provider-kinds").body();
    List<KindDescription> kinds = KindDescription.list(response);
    if (kind.isEmpty()) {
      context.printTable(response, () -> table(kinds));
      return ExitCode.OK.number();
    }
    KindDescription selected = ProviderFlags.requireKind(kind.get(), kinds);
    context.printTable(response.path("data").path(kinds.indexOf(selected)), () -> table(selected));
    return ExitCode.OK.number();
  }

  private static Table table(List<KindDescription> kinds) {
    return new Table(
        List.of("KIND", "TITLE", "DESCRIPTION"),
        kinds.stream()
            .map(kind -> List.of(kind.name(), kind.title(), kind.description()))
            .toList());
  }

  private static Table table(KindDescription kind) {
    List<List<String>> rows =
        Stream.concat(Stream.of(kind.baseUrl()), kind.options().stream())
            .map(field -> List.of(field.name(), traits(field), field.description()))
            .toList();
    return new Table(List.of("OPTION", "VALUE", "DESCRIPTION"), rows);
  }

  private static String traits(Field field) {
    List<String> traits = new ArrayList<>();
    traits.add(
        field.exemptUrls().isPresent()
            ? "required at some addresses"
            : field.required() ? "required" : "optional");
    if (field.secret()) {
      traits.add("secret");
    }
    if (!field.choices().isEmpty()) {
      traits.add(field.choices().stream().collect(Collectors.joining(" | ")));
    }
    field.defaultValue().ifPresent(value -> traits.add("default " + value));
    return String.join(", ", traits);
  }
}
