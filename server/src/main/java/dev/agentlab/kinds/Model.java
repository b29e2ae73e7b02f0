package dev.agentlab.kinds;

/// A model that a provider can run.
///
/// @param id the value of `model` in requests
public record Model(String id) {}
