package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Which pages of a listing the flags ask for.
final class PageInput {
  /// The service caps a page at its own maximum.
  private static final int LARGEST_PAGE = 1000;

  @Option(names = "--page", paramLabel = "N", description = "The page, counted from 1.")
  private int page = 1;

  @Option(names = "--page-size", paramLabel = "N", description = "Lines on a page.")
  private Optional<Integer> pageSize = Optional.empty();

  @Option(names = "--all", description = "All pages.")
  private boolean all;

  /// Whether all pages are wanted.
  boolean all() {
    return all;
  }

  /// The page, or all pages as one.
  JsonNode read(ApiClient api, String path, Map<String, String> filters) {
    if (all) {
      return all(api, path, filters);
    }
    Map<String, String> parameters = new LinkedHashMap<>(filters);
    parameters.put("page", Integer.toString(page));
    pageSize.ifPresent(size -> parameters.put("page_size", Integer.toString(size)));
    return api.get(path + ApiClient.query(parameters)).body();
  }

  /// Every page as one.
  static JsonNode all(ApiClient api, String path, Map<String, String> filters) {
    ArrayNode data = Json.MAPPER.createArrayNode();
    JsonNode last;
    long number = 0;
    do {
      number++;
      last = largest(api, path, filters, number);
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

  /// A page as large as the service makes them.
  static JsonNode largest(ApiClient api, String path, Map<String, String> filters, long number) {
    Map<String, String> parameters = new LinkedHashMap<>(filters);
    parameters.put("page_size", Integer.toString(LARGEST_PAGE));
    parameters.put("page", Long.toString(number));
    return api.get(path + ApiClient.query(parameters)).body();
  }

  /// Says which page it is, if there are more.
  static void note(CommandContext session, JsonNode page, String things) {
    long pages = page.path("total_pages").asLong(1);
    if (pages > 1) {
      session.note(
          "page %d of %d, %d %s; --page N shows another, --all all"
              .formatted(page.path("page").asLong(1), pages, page.path("total").asLong(0), things));
    }
  }
}
