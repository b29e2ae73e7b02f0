package dev.agentlab.conversation;

import tools.jackson.databind.JsonNode;

/// A mark up to which the provider should cache the request.
///
/// @param path the path of the member in the client's request
/// @param definition the mark as the client wrote it, such as `{"type": "ephemeral"}`
public record CacheMarker(String path, JsonNode definition) {}
