package dev.agentlab.modelclient;

import java.time.Duration;

/// The settings of the model client, which apply to every call.
///
/// @param resolve timeout for resolving a host name
/// @param streamIdle timeout between two parts of a stream
/// @param streamTotal timeout for an entire stream
/// @param patience maximum time to wait for the first event before the response of a stream starts;
///   an earlier failure is an error response, a later one an error event
/// @param answerBytes maximum size of a non-streaming response, in bytes
public record ModelClientSettings(
    Duration resolve,
    Duration streamIdle,
    Duration streamTotal,
    Duration patience,
    int answerBytes) {}
