package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The providers the service keeps, as a person names them: by name or by id.
record Providers(ApiClient api) {
  private static final String PATH = "/api/providers";

  /// The service caps a page at its own maximum.
  private static final int LARGEST_PAGE = 1000;

  /// The provider with this name or id, with its version.
  ///
  /// @throws Failure if there is none
  ApiClient.Answer find(String nameOrId) {
    return api.get(path(idOf(nameOrId)));
  }

  /// The id of the provider with this name or id.
  ///
  /// @throws Failure if there is no provider of this name
  String idOf(String nameOrId) {
    JsonNode page = api.get(PATH + ApiClient.query(Map.of("name", nameOrId))).body();
    if (!page.path("data").isEmpty()) {
      return page.path("data").path(0).path("id").asString("");
    }
    if (isId(nameOrId)) {
      return nameOrId;
    }
    throw new Failure(
        ExitCode.NOT_FOUND,
        "no provider is named \"%s\"; `agent-lab provider list` shows them".formatted(nameOrId));
  }

  private static boolean isId(String text) {
    try {
      return UUID.fromString(text).toString().equalsIgnoreCase(text);
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  JsonNode page(Map<String, String> parameters) {
    return api.get(PATH + ApiClient.query(parameters)).body();
  }

  /// Every page as one.
  JsonNode all(Map<String, String> filters) {
    ArrayNode data = Json.MAPPER.createArrayNode();
    Map<String, String> parameters = new LinkedHashMap<>(filters);
    parameters.put("page_size", Integer.toString(LARGEST_PAGE));
    JsonNode last;
    long number = 0;
    do {
      number++;
      parameters.put("page", Long.toString(number));
      last = page(parameters);
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

  JsonNode create(ObjectNode provider) {
    return api.create(PATH, provider).body();
  }

  JsonNode replace(ApiClient.Answer read, ObjectNode provider) {
    return api.put(path(read.body().path("id").asString("")), provider, read.etag()).body();
  }

  void delete(String id) {
    api.delete(path(id));
  }

  /// The report of a probe of a provider as it is kept.
  JsonNode probe(String id) {
    return api.post(path(id) + "/probe", Json.MAPPER.missingNode()).body();
  }

  /// The report of a probe of a configuration that is not kept.
  JsonNode probe(JsonNode config) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.set("config", config);
    return api.post(PATH + "/probe", body).body();
  }

  JsonNode models(String id) {
    return api.get(path(id) + "/models").body();
  }

  List<ProviderKind> kinds() {
    return ProviderKind.list(api.get("/api/provider-kinds").body());
  }

  private static String path(String id) {
    return PATH + "/" + id;
  }
}
