package dev.agentlab.secrets;

/// HMAC-SHA256 (RFC 2104) with a key that only the service has: nobody with the database alone can
/// compute it, or try out what was hashed. Safe for all threads; called for every request, on event
/// loops as well.
@FunctionalInterface
public interface KeyedHash {
  /// The 32 bytes of a text.
  ///
  /// @throws dev.agentlab.errors.UnavailableException while the service has not got the key yet
  byte[] of(byte[] text);
}
