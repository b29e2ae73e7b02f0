package dev.agentlab.kinds;

/// What to do about a provider of some kind that does not work, each a sentence for people.
///
/// @param unreachable when nothing answers at its address
/// @param notFound when its address has no such path
/// @param noModels when it works and lists no model
public record Advice(String unreachable, String notFound, String noModels) {}
