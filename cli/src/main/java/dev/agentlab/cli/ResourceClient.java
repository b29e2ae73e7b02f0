package dev.agentlab.cli;

import dev.agentlab.net.PercentEncoding;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The client for one type of resource. Resources are addressed by name or id.
///
/// @param path the path of the collection, as in `/api/providers`
/// @param noun the singular name of the type, which is also the name of its command
record ResourceClient(ApiClient api, String path, String noun) {

  /// Finds a resource, with its entity tag.
  ///
  /// @throws CommandFailure if there is none
  ApiResponse find(String nameOrId) {
    return ofExisting(nameOrId, () -> api.get(path(nameOrId)));
  }

  private ApiResponse ofExisting(String nameOrId, Supplier<ApiResponse> request) {
    try {
      return request.get();
    } catch (CommandFailure e) {
      throw e.code() == ExitCode.NOT_FOUND ? notFound(nameOrId, Optional.of(e.toJson())) : e;
    }
  }

  /// Finds the id of a resource.
  ///
  /// @throws CommandFailure if there is none
  String idOf(String nameOrId) {
    return readId(find(nameOrId));
  }

  /// The failure for a resource that does not exist.
  CommandFailure notFound(String nameOrId, Optional<JsonNode> problem) {
    return new CommandFailure(
        ExitCode.NOT_FOUND,
        "%1$s \"%2$s\" not found; list existing ones with `agent-lab %1$s list`"
            .formatted(noun, nameOrId),
        problem);
  }

  /// Gets what the service has about a resource, below its path.
  ///
  /// @throws CommandFailure if there is no such resource
  JsonNode get(String nameOrId, String below) {
    return ofExisting(nameOrId, () -> api.get(path(nameOrId) + "/" + below)).body();
  }

  /// Posts to a path below that of a resource.
  ///
  /// @throws CommandFailure if there is no such resource
  JsonNode post(String nameOrId, String below, JsonNode body) {
    return ofExisting(nameOrId, () -> api.post(path(nameOrId) + "/" + below, body)).body();
  }

  JsonNode create(ObjectNode resource) {
    return api.create(path, resource).body();
  }

  /// Replaces a resource, provided that it has not changed since it was read.
  JsonNode replace(ApiResponse read, ObjectNode resource) {
    return api.put(path(readId(read)), resource, read.etag()).body();
  }

  /// Deletes a resource, provided that it has not changed since it was read.
  void delete(ApiResponse read) {
    api.delete(path(readId(read)), read.etag());
  }

  /// The path of a resource.
  String path(String nameOrId) {
    return path + "/" + PercentEncoding.encode(nameOrId);
  }

  private static String readId(ApiResponse read) {
    return read.body().path("id").asString("");
  }
}
