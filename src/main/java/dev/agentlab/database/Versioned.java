package dev.agentlab.database;

/// A row's value with the row's version, which every change makes one greater.
///
/// @param version at least 1
public record Versioned<T>(T value, long version) {}
