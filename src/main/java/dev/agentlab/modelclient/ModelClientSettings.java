package dev.agentlab.modelclient;

import java.time.Duration;

/// What holds for every call.
///
/// @param resolve to find the addresses of a name
/// @param streamIdle between two parts of a stream
/// @param streamTotal for a whole stream
/// @param patience how long the caller of a stream is kept waiting for its first event before it is
///   told that there will be some: a failure until then is an error, afterwards an error event
/// @param answerBytes of a whole answer at most
public record ModelClientSettings(
    Duration resolve,
    Duration streamIdle,
    Duration streamTotal,
    Duration patience,
    int answerBytes) {}
