package dev.agentlab.dialects;

/// The properties of a request that the reader of its stream needs. The record is small, so that
/// the request can be freed during the stream.
///
/// @param operation decides about the format in which the client receives the stream
/// @param model the requested model
/// @param hasMultipleChoices whether the request asks for more than one choice
/// @param includesUsage whether the stream must end with the usage
/// @param hidesUsage whether the usage is only for the service and is not passed to the caller
/// @param isStored whether the client may refer to the response later, in an API with such
///   references
public record ExpectedStream(
    Operation operation,
    String model,
    boolean hasMultipleChoices,
    boolean includesUsage,
    boolean hidesUsage,
    boolean isStored) {}
