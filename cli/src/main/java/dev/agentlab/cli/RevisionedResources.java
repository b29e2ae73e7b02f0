package dev.agentlab.cli;

import tools.jackson.databind.JsonNode;

/// A client of the API for agents and their revisions.
record AgentsApi(ResourceClient registry) {
  AgentsApi(ApiClient api) {
    this(new ResourceClient(api, "/api/agents", "agent"));
  }

  /// The path of the revisions of an agent.
  String revisionsPath(String nameOrId) {
    return registry.path(nameOrId) + "/revisions";
  }

  /// An agent at a revision.
  ///
  /// @throws CommandFailure if there is no such revision
  JsonNode findRevision(String nameOrId, long revision) {
    return registry.api().get(revisionsPath(nameOrId) + "/" + revision).body();
  }

  /// Restores an agent to a revision.
  ///
  /// @throws CommandFailure if the agent has changed since it was read
  JsonNode restore(ApiResponse read, long revision) {
    String id = read.body().path("id").asString("");
    return registry
        .api()
        .post("%s/%d/restore".formatted(revisionsPath(id), revision), read.etag())
        .body();
  }
}
