package dev.agentlab.audit;

/// HMAC-SHA256 (RFC 2104) under a key that only the service knows. Safe for all threads.
@FunctionalInterface
public interface KeyedHash {
  /// The hash of the parts as one text of bytes, one after another.
  ///
  /// @return 32 bytes
  byte[] of(byte[]... parts);
}
