package dev.agentlab.cli;

import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The things of one sort that the service keeps, as a person names them: by name or by id.
///
/// @param path where they are, as in `/api/providers`
/// @param noun what one of them is called, also as a command
record ResourceClient(ApiClient api, String path, String noun) {

  /// The thing with this name or id, with its version.
  ///
  /// @throws Failure if there is none
  ApiAnswer find(String nameOrId) {
    try {
      return api.get(path(nameOrId));
    } catch (CommandFailure e) {
      throw e.code() == ExitCode.NOT_FOUND ? none(nameOrId, Optional.of(e.json())) : e;
    }
  }

  /// The id of the thing with this name or id.
  ///
  /// @throws Failure if there is none
  String idOf(String nameOrId) {
    return idIn(find(nameOrId));
  }

  /// That there is no thing with this name or id.
  CommandFailure none(String nameOrId, Optional<JsonNode> problem) {
    return new CommandFailure(
        ExitCode.NOT_FOUND,
        "no %1$s is named \"%2$s\"; `agent-lab %1$s list` shows them".formatted(noun, nameOrId),
        problem);
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

  /// Where the thing with this name or id is.
  String path(String nameOrId) {
    return path + "/" + ApiClient.segment(nameOrId);
  }

  private static String idIn(ApiAnswer read) {
    return read.body().path("id").asString("");
  }
}
