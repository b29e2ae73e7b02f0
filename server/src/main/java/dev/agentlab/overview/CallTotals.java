package dev.agentlab.overview;

import java.util.Optional;

/// The number and the latency of model calls in a period.
///
/// @param failed without those that the caller cancelled
/// @param providerFailures those of them that the content of the request did not cause
/// @param p50Ms the median latency of the calls that succeeded
/// @param p95Ms the latency that 95 % of these did not exceed
record CallTotals(
    long calls, long failed, long providerFailures, Optional<Long> p50Ms, Optional<Long> p95Ms) {}
