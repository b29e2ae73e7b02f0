package dev.agentlab.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// `provider list`: a page of the providers, or all of them.
@Command(name = "list", description = "List providers.")
final class ProviderList implements Callable<Integer> {
  private final Session session;

  @Option(names = "--search", paramLabel = "TEXT", description = "Only names that contain this.")
  private Optional<String> search = Optional.empty();

  @Option(
      names = "--sort",
      paramLabel = "FIELDS",
      description = "The order, such as name,-created_at; by name if none is given.")
  private Optional<String> sort = Optional.empty();

  @Option(names = "--page", paramLabel = "N", description = "The page, counted from 1.")
  private int page = 1;

  @Option(names = "--page-size", paramLabel = "N", description = "Providers on a page.")
  private Optional<Integer> pageSize = Optional.empty();

  @Option(names = "--all", description = "All pages.")
  private boolean all;

  ProviderList(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Providers providers = new Providers(session.api());
    JsonNode result = all ? providers.all(filters()) : providers.page(parameters());
    session.print(result, () -> table(result));
    long pages = result.path("total_pages").asLong(1);
    if (pages > 1) {
      session.note(
          "page %d of %d, %d providers; --page N shows another, --all all"
              .formatted(result.path("page").asLong(1), pages, result.path("total").asLong(0)));
    }
    return ExitCode.OK.number();
  }

  private Map<String, String> parameters() {
    Map<String, String> parameters = filters();
    parameters.put("page", Integer.toString(page));
    pageSize.ifPresent(size -> parameters.put("page_size", Integer.toString(size)));
    return parameters;
  }

  private Map<String, String> filters() {
    Map<String, String> filters = new LinkedHashMap<>();
    search.ifPresent(text -> filters.put("search", text));
    sort.ifPresent(fields -> filters.put("sort", fields));
    return filters;
  }

  private static String table(JsonNode page) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode provider : page.path("data")) {
      rows.add(
          List.of(
              provider.path("name").asString(""),
              provider.path("config").path("name").asString(""),
              provider.path("config").path("base_url").asString(""),
              provider.path("id").asString(""),
              provider.path("updated_at").asString("")));
    }
    return new Table(List.of("NAME", "KIND", "BASE URL", "ID", "UPDATED"), rows).text();
  }
}
