package dev.agentlab.modelclient;

import java.time.Duration;

/// The settings of the model client, which apply to every call.
///
/// @param resolveTimeout timeout for resolving a host name
/// @param headTimeout timeout until a response begins, unless the provider or the policy of the
///   call has another
/// @param streamIdleTimeout timeout between two parts of a stream, unless the provider has another
/// @param streamTimeout timeout for an entire response, unless the provider has another
/// @param firstEventWait maximum time to wait for the first event before the response of a stream
///   starts; an earlier failure is an error response, a later one an error event
/// @param maxResponseBytes maximum size of a non-streaming response, in bytes
public record ModelClientSettings(
    Duration resolveTimeout,
    Duration headTimeout,
    Duration streamIdleTimeout,
    Duration streamTimeout,
    Duration firstEventWait,
    int maxResponseBytes) {}
