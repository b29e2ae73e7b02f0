package dev.agentlab.cli;

import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The things of one sort that the service keeps, as a person names them: by name or by id.
///
/// @param path where they are, as in `/api/providers`
/// @param noun what one of them is called, also as a command
record Registry(ApiClient api, String path, String noun) {

  /// The thing with this name or id, with its version.
  ///
  /// @throws Failure if there is none
  ApiAnswer find(String nameOrId) {
    return api.get(path(idOf(nameOrId)));
  }

  /// The id of the thing with this name or id.
  ///
  /// @throws Failure if there is none of this name
  String idOf(String nameOrId) {
    JsonNode page = api.get(path + ApiClient.query(Map.of("name", nameOrId))).body();
    if (!page.path("data").isEmpty()) {
      return page.path("data").path(0).path("id").asString("");
    }
    if (isId(nameOrId)) {
      return nameOrId;
    }
    throw new Failure(
        ExitCode.NOT_FOUND,
        "no %1$s is named \"%2$s\"; `agent-lab %1$s list` shows them".formatted(noun, nameOrId));
  }

  /// Whether a text is an id, and not only perhaps a name.
  static boolean isId(String text) {
    try {
      return UUID.fromString(text).toString().equalsIgnoreCase(text);
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  JsonNode create(ObjectNode thing) {
    return api.create(path, thing).body();
  }

  /// Replaces what has not changed since it was read.
  JsonNode replace(ApiAnswer read, ObjectNode thing) {
    return api.put(path(idIn(read)), thing, read.etag()).body();
  }

  /// Deletes what has not changed since it was read.
  void delete(ApiAnswer read) {
    api.delete(path(idIn(read)), read.etag());
  }

  /// Where the thing with this id is.
  String path(String id) {
    return path + "/" + id;
  }

  private static String idIn(ApiAnswer read) {
    return read.body().path("id").asString("");
  }
}
