package dev.agentlab.routing;

import java.util.UUID;

/// A model route at one revision, with the data needed to choose a target.
public record ResolvedRoute(UUID id, String name, long revision, ModelRouteConfig config) {}
