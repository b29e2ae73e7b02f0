package dev.agentlab.keys;

/// HMAC-SHA256 under a key that is not in the database: what is stored of an API key cannot be
/// tried out without it. An API key has 256 random bits, so a hash that is slow to compute would
/// add nothing but time.
///
/// Safe for all threads; called for every request, on event loops as well.
@FunctionalInterface
public interface KeyHash {
  /// The 32 bytes of a text.
  byte[] of(byte[] text);
}
