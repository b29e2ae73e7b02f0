package dev.agentlab.conversation;

/// A value of a client's request, with the member that it was read from.
///
/// @param path the path of the member in the client's request, such as `max_completion_tokens`;
///   errors and warnings name it
public record Member<T>(String path, T value) {}
