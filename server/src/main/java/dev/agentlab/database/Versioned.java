package dev.agentlab.database;

/// The value of a row with the row's version, which each change increments.
///
/// @param version at least 1
public record Versioned<T>(T value, long version) {}
