package dev.agentlab.sessions;

import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.vault.Vault;

/// The keyed hashes of sessions and sign-in links. A hash of one is never valid for the other.
///
/// @param tokens the hash of session tokens
/// @param links the hash of the tokens of links
/// @param rows the MAC of stored rows
/// @param attempts what is derived for a sign-in at the identity provider
record SessionHashes(KeyedHash tokens, KeyedHash links, KeyedHash rows, KeyedHash attempts) {

  /// Creates the hashes with the keys of a vault.
  static SessionHashes of(Vault vault) {
    return new SessionHashes(
        vault.keyedHash("session-tokens"),
        vault.keyedHash("sign-in-links"),
        vault.keyedHash("session-rows"),
        vault.keyedHash("sign-in-attempts"));
  }
}
