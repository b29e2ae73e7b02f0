package dev.agentlab.keys;

import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.vault.Vault;

/// The keyed hashes of API keys. A hash of one is never valid for the other.
///
/// @param tokens the hash of API key tokens
/// @param rows the MAC of the [SignedKeyFields] of a stored row
public record KeyHashes(KeyedHash tokens, KeyedHash rows) {

  /// Creates the hashes with the keys of a vault.
  public static KeyHashes of(Vault vault) {
    return new KeyHashes(vault.keyedHash("api-keys"), vault.keyedHash("api-key-rows"));
  }
}
