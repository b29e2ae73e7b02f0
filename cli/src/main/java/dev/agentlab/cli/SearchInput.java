package dev.agentlab.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// The search, sort and paging flags of a list command.
final class SearchInput {
  @Option(
      names = "--search",
      paramLabel = "TEXT",
      description = "List only entries whose name contains this text.")
  private Optional<String> search = Optional.empty();

  @Option(
      names = "--sort",
      paramLabel = "FIELDS",
      description = "The sort order, such as name,-created_at; by default by name.")
  private Optional<String> sort = Optional.empty();

  @Mixin private final PageInput pages = new PageInput();

  JsonNode read(ResourceClient registry) {
    Map<String, String> filters = new LinkedHashMap<>();
    search.ifPresent(text -> filters.put("search", text));
    sort.ifPresent(fields -> filters.put("sort", fields));
    return pages.read(registry.api(), registry.path(), filters);
  }
}
