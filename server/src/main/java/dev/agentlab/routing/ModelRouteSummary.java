package dev.agentlab.routing;

import java.util.UUID;

/// A model route without its configuration.
public record ModelRouteSummary(UUID id, String name) {}
