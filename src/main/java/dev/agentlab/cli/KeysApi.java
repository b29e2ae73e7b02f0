package dev.agentlab.cli;

import dev.agentlab.errors.IdOrName;
import dev.agentlab.json.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The API keys the service knows, and what can be done with them.
///
/// @param names of agents by their ids, as far as they were looked up
record KeysApi(ResourceClient registry, Map<String, String> names) {
  private static final String INVOKE = "invoke:";

  KeysApi(ApiClient api) {
    this(new ResourceClient(api, "/api/keys", "key"), new HashMap<>());
  }

  /// Who the caller is, and what they may do.
  JsonNode self() {
    return registry.api().get(registry.path("self")).body();
  }

  /// The id of the key with this name or id. Names may be given again: of several with one name it
  /// is the one that is active.
  ///
  /// @throws Failure if there is none, or several of the name could be meant
  String idOf(String nameOrId) {
    List<JsonNode> named =
        PageInput.all(registry.api(), registry.path(), Map.of("name", nameOrId))
            .path("data")
            .valueStream()
            .filter(key -> key.path("name").asString("").equals(nameOrId))
            .toList();
    if (named.isEmpty()) {
      return IdOrName.uuid(nameOrId)
          .map(_ -> nameOrId)
          .orElseThrow(() -> registry.none(nameOrId, Optional.empty()));
    }
    List<JsonNode> active =
        named.stream().filter(key -> key.path("status").asString("").equals("active")).toList();
    List<JsonNode> meant = active.isEmpty() ? named : active;
    if (meant.size() > 1) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "several keys are named \"%s\"; give the id of one:\n%s"
              .formatted(
                  nameOrId,
                  meant.stream()
                      .map(key ->
                          "  %s  %s, made %s"
                              .formatted(
                                  key.path("id").asString(""),
                                  key.path("status").asString(""),
                                  RelativeTime.toTheSecond(key.path("created_at").asString(""))))
                      .collect(Collectors.joining("\n"))));
    }
    return meant.getFirst().path("id").asString("");
  }

  ApiAnswer find(String nameOrId) {
    return registry.api().get(registry.path(idOf(nameOrId)));
  }

  /// Makes a key. It is not asked for again should the connection break: an answer that shows a key
  /// is nowhere kept to be repeated.
  JsonNode create(ObjectNode key) {
    return registry.api().post(registry.path(), key).body();
  }

  /// Gives a key another secret.
  ///
  /// @param overlap how long the old one is accepted beside it; the service's own idea of that if
  ///   empty
  JsonNode rotate(String id, Optional<String> overlap) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    overlap.ifPresent(text -> body.put("overlap", text));
    return registry.api().post(registry.path(id) + "/rotate", body).body();
  }

  /// The scopes of a key or caller, in one line; an agent in one by its name where the caller may
  /// know it.
  String scopes(JsonNode key) {
    return scopeList(key).stream().map(this::named).collect(Collectors.joining(", "));
  }

  private String named(String scope) {
    String id = scope.startsWith(INVOKE) ? scope.substring(INVOKE.length()) : "";
    return IdOrName.uuid(id).isPresent() ? INVOKE + names.computeIfAbsent(id, this::name) : scope;
  }

  private String name(String id) {
    ResourceClient agents = new AgentsApi(registry.api()).registry();
    try {
      return agents.api().get(agents.path(id)).body().path("name").asString(id);
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
