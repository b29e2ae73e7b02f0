package dev.agentlab.secrets;

/// HMAC-SHA256 (RFC 2104) with a key of the service. Access to the database alone does not allow to
/// compute the hash or to guess its input. Thread-safe; called for every request, also on event
/// loops.
@FunctionalInterface
public interface KeyedHash {
  /// Computes the hash, 32 bytes.
  ///
  /// @throws dev.agentlab.errors.UnavailableException if the key is not available yet
  byte[] compute(byte[] text);
}
