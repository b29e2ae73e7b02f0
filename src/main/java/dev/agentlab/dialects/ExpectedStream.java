package dev.agentlab.dialects;

/// What reading a stream needs to know of the request that it answers. It is small, so that the
/// request can be freed while the stream goes on.
///
/// @param model the one asked for
/// @param hasSeveralChoices whether more than one answer is asked for
/// @param includesUsage whether the stream is to end with its usage
/// @param usageIsOurs whether that usage is for us and not for the caller
public record ExpectedStream(
    String model, boolean hasSeveralChoices, boolean includesUsage, boolean usageIsOurs) {}
