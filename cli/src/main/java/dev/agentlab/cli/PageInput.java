package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The paging flags of a list command.
final class PageInput {
  /// The service caps a page at its own maximum.
  private static final int MAX_PAGE_SIZE = 1000;

  @Option(names = "--page", paramLabel = "N", description = "The page to list, starting at 1.")
  private int page = 1;

  @Option(names = "--page-size", paramLabel = "N", description = "The number of entries per page.")
  private Optional<Integer> pageSize = Optional.empty();

  @Option(names = "--all", description = "List all pages.")
  private boolean all;

  /// Whether all pages are requested.
  boolean all() {
    return all;
  }

  /// Reads the requested page, or all pages merged into one.
  JsonNode read(ApiClient api, String path, Map<String, String> filters) {
    if (all) {
      return all(api, path, filters);
    }
    Map<String, String> parameters = new LinkedHashMap<>(filters);
    parameters.put("page", Integer.toString(page));
    pageSize.ifPresent(size -> parameters.put("page_size", Integer.toString(size)));
    return api.get(path + ApiClient.query(parameters)).body();
  }

  /// Reads all pages and merges them into one.
  static JsonNode all(ApiClient api, String path, Map<String, String> filters) {
    ArrayNode data = Json.MAPPER.createArrayNode();
    JsonNode last;
    long number = 0;
    do {
      number++;
      last = readMaxPage(api, path, filters, number);
      last.path("data").forEach(data::add);
    } while (number < last.path("total_pages").asLong(1));
    ObjectNode result = Json.MAPPER.createObjectNode();
    result.set("data", data);
    return result
        .put("total", data.size())
        .put("page", 1)
        .put("page_size", Math.max(1, data.size()))
        .put("total_pages", 1);
  }

  /// Reads a page of the maximum size.
  static JsonNode readMaxPage(
      ApiClient api, String path, Map<String, String> filters, long number) {
    Map<String, String> parameters = new LinkedHashMap<>(filters);
    parameters.put("page_size", Integer.toString(MAX_PAGE_SIZE));
    parameters.put("page", Long.toString(number));
    return api.get(path + ApiClient.query(parameters)).body();
  }

  /// Notes the position of the page if there are several.
  ///
  /// @param noun the name of the entries in the plural
  static void notePosition(CommandContext context, JsonNode page, String noun) {
    long pages = page.path("total_pages").asLong(1);
    if (pages > 1) {
      context.printNote(
          "page %d of %d, %d %s in total; use --page N for another page, --all for all"
              .formatted(page.path("page").asLong(1), pages, page.path("total").asLong(0), noun));
    }
  }
}
