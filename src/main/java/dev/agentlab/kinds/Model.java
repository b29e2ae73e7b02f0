package dev.agentlab.kinds;

/// A model that a provider can run.
///
/// @param id as a call names it
public record Model(String id) {}
