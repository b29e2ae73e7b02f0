package dev.agentlab.cli;

import tools.jackson.databind.JsonNode;

/// A client of the API for one type of resource with revisions.
record RevisionedResources(ResourceClient registry) {
  static RevisionedResources agents(ApiClient api) {
    return new RevisionedResources(new ResourceClient(api, "/api/agents", "agent"));
  }

  static RevisionedResources routes(ApiClient api) {
    return new RevisionedResources(new ResourceClient(api, "/api/routes", "route"));
  }

  /// Finds a resource.
  ///
  /// @throws CommandFailure if there is none
  ApiResponse find(String nameOrId) {
    return registry.find(nameOrId);
  }

  /// The path of the revisions of a resource.
  String revisionsPath(String nameOrId) {
    return registry.path(nameOrId) + "/revisions";
  }

  /// A resource at a revision.
  ///
  /// @throws CommandFailure if there is no such revision
  JsonNode findRevision(String nameOrId, long revision) {
    return registry.api().get(revisionsPath(nameOrId) + "/" + revision).body();
  }

  /// Restores a resource to a revision.
  ///
  /// @throws CommandFailure if the resource has changed since it was read
  JsonNode restore(ApiResponse read, long revision) {
    String id = read.body().path("id").asString("");
    return registry
        .api()
        .post("%s/%d/restore".formatted(revisionsPath(id), revision), read.etag())
        .body();
  }
}
