package dev.agentlab.cli;

import tools.jackson.databind.JsonNode;

/// The agents the service keeps, and their revisions.
record AgentsApi(ResourceClient registry) {
  AgentsApi(ApiClient api) {
    this(new ResourceClient(api, "/api/agents", "agent"));
  }

  /// Where the revisions of an agent are.
  String revisions(String nameOrId) {
    return registry.path(nameOrId) + "/revisions";
  }

  /// What an agent was at a revision.
  ///
  /// @throws Failure if there is no such revision
  JsonNode revision(String nameOrId, long revision) {
    return registry.api().get(revisions(nameOrId) + "/" + revision).body();
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
