package dev.agentlab.cli;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The agents the service keeps, and their revisions.
record AgentsApi(Registry registry) {
  /// The HTTP status of an answer to a key that is good for something else.
  private static final int TOO_NARROW = 403;

  AgentsApi(ApiClient api) {
    this(new Registry(api, "/api/agents", "agent"));
  }

  /// The id of the agent with this name or id, for a caller who may perhaps run it and not read
  /// about it: such a caller names it by its id.
  ///
  /// @throws Failure if there is none of this name, or the name may not be looked up
  String idToRun(String nameOrId) {
    try {
      return registry.idOf(nameOrId);
    } catch (Failure e) {
      if (e.code() != ExitCode.DENIED) {
        throw e;
      }
      if (Registry.isId(nameOrId)) {
        return nameOrId;
      }
      if (e.json().path("status").asInt(0) != TOO_NARROW) {
        throw e;
      }
      throw new Failure(
          e.code(),
          e.message() + "\na key that may only run an agent finds it by its id, not by its name",
          Optional.of(e.json()));
    }
  }

  /// The agent of this id.
  ///
  /// @throws Failure if there is none
  JsonNode find(String id) {
    return registry.api().get(registry.path(id)).body();
  }

  /// Where the revisions of an agent are.
  String revisions(String id) {
    return registry.path(id) + "/revisions";
  }

  /// What an agent was at a revision.
  ///
  /// @throws Failure if there is no such revision
  JsonNode revision(String id, long revision) {
    return registry.api().get(revisions(id) + "/" + revision).body();
  }

  /// Makes an agent what it was at a revision, if it has not changed since it was read.
  JsonNode restore(ApiAnswer read, long revision) {
    String id = read.body().path("id").asString("");
    return registry
        .api()
        .post("%s/%d/restore".formatted(revisions(id), revision), read.etag())
        .body();
  }
}
