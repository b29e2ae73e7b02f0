package dev.agentlab.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// What of a registry the flags ask to list.
final class SearchInput {
  @Option(names = "--search", paramLabel = "TEXT", description = "Only names that contain this.")
  private Optional<String> search = Optional.empty();

  @Option(
      names = "--sort",
      paramLabel = "FIELDS",
      description = "The order, such as name,-created_at; by name if none is given.")
  private Optional<String> sort = Optional.empty();

  @Mixin private final PageInput pages = new PageInput();

  JsonNode read(ResourceClient registry) {
    Map<String, String> filters = new LinkedHashMap<>();
    search.ifPresent(text -> filters.put("search", text));
    sort.ifPresent(fields -> filters.put("sort", fields));
    return pages.read(registry.api(), registry.path(), filters);
  }
}
