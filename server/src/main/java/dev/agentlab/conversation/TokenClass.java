package dev.agentlab.conversation;

/// The classes of tokens that have prices of their own. Each token of the input is in one class.
public enum TokenClass {
  /// Input that was neither read from nor written to the provider's cache.
  INPUT,
  /// Input that was read from the cache.
  CACHED_INPUT,
  /// Input that was written to the cache for five minutes, the shortest time.
  CACHE_WRITE_5_MINUTES,
  /// Input that was written to the cache for an hour.
  CACHE_WRITE_1_HOUR,
  /// All output, including reasoning.
  OUTPUT,
  /// The part of the output that is reasoning.
  REASONING
}
