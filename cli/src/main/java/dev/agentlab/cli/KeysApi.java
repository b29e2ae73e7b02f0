package dev.agentlab.cli;

import dev.agentlab.json.Json;
import dev.agentlab.net.Uuids;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The client for API keys.
///
/// @param names a cache of the names of agents and routes by their ids
record KeysApi(ResourceClient registry, Map<String, String> names) {
  private static final String INVOKE = "invoke:";
  private static final String INVOKE_AGENT = "invoke:agent/";
  private static final String INVOKE_ROUTE = "invoke:route/";

  KeysApi(ApiClient api) {
    this(new ResourceClient(api, "/api/keys", "key"), new HashMap<>());
  }

  /// Gets the current caller and its scopes.
  JsonNode self() {
    return registry.api().get(registry.path("self")).body();
  }

  /// Finds the id of the key with this name or id. Names are not unique: of several keys with one
  /// name, the active key is meant.
  ///
  /// @throws CommandFailure if there is no such key, or the name is ambiguous
  String idOf(String nameOrId) {
    List<JsonNode> named =
        PageInput.all(registry.api(), registry.path(), Map.of("name", nameOrId))
            .path("data")
            .valueStream()
            .filter(key -> key.path("name").asString("").equals(nameOrId))
            .toList();
    if (named.isEmpty()) {
      return Uuids.parse(nameOrId)
          .map(_ -> nameOrId)
          .orElseThrow(() -> registry.notFound(nameOrId, Optional.empty()));
    }
    List<JsonNode> active =
        named.stream().filter(key -> key.path("status").asString("").equals("active")).toList();
    List<JsonNode> candidates = active.isEmpty() ? named : active;
    if (candidates.size() > 1) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "multiple keys are named \"%s\"; specify the id of one:\n%s"
              .formatted(
                  nameOrId,
                  candidates.stream()
                      .map(key ->
                          "  %s  %s, created %s"
                              .formatted(
                                  key.path("id").asString(""),
                                  key.path("status").asString(""),
                                  RelativeTime.truncateToSeconds(
                                      key.path("created_at").asString(""))))
                      .collect(Collectors.joining("\n"))));
    }
    return candidates.getFirst().path("id").asString("");
  }

  ApiResponse find(String nameOrId) {
    return registry.api().get(registry.path(idOf(nameOrId)));
  }

  /// Creates a key. The request is not retried after a connection loss: the service does not store
  /// a response that contains a key, so it cannot repeat it.
  JsonNode create(ObjectNode key) {
    return registry.api().post(registry.path(), key).body();
  }

  /// Replaces the secret of a key.
  ///
  /// @param overlap how long the old secret remains valid; empty for the default of the service
  JsonNode rotate(String id, Optional<String> overlap) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    overlap.ifPresent(text -> body.put("overlap", text));
    return registry.api().post(registry.path(id) + "/rotate", body).body();
  }

  /// Formats the scopes of a key or caller on one line. An agent or route in a scope is shown by
  /// its name if the caller may read it, otherwise by its id.
  String formatScopes(JsonNode key) {
    return scopeList(key).stream().map(this::withName).collect(Collectors.joining(", "));
  }

  private String withName(String scope) {
    String route = textAfter(INVOKE_ROUTE, scope);
    if (Uuids.parse(route).isPresent()) {
      return INVOKE_ROUTE + name(RevisionedResources.routes(registry.api()), route);
    }
    String agent = textAfter(INVOKE, scope);
    if (Uuids.parse(agent).isEmpty()) {
      return scope;
    }
    String name = name(RevisionedResources.agents(registry.api()), agent);
    // An agent named provider/x must not look like the provider x.
    return (name.contains("/") ? INVOKE_AGENT : INVOKE) + name;
  }

  private static String textAfter(String prefix, String scope) {
    return scope.startsWith(prefix) ? scope.substring(prefix.length()) : "";
  }

  private String name(RevisionedResources resources, String id) {
    return names.computeIfAbsent(id, _ -> findName(resources.registry(), id));
  }

  private static String findName(ResourceClient resources, String id) {
    try {
      return resources.api().get(resources.path(id)).body().path("name").asString(id);
    } catch (CommandFailure e) {
      if (e.code() == ExitCode.NOT_FOUND || e.code() == ExitCode.DENIED) {
        return id;
      }
      throw e;
    }
  }

  static List<String> scopeList(JsonNode key) {
    List<String> scopes = new ArrayList<>();
    key.path("scopes").forEach(scope -> scopes.add(scope.asString("")));
    return scopes;
  }
}
