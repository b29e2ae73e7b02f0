package dev.agentlab.routing;

import java.time.Instant;
import java.util.UUID;

/// A route in the list of the models that clients can call.
public record ModelRouteEntry(UUID id, String name, Instant createdAt) {}
