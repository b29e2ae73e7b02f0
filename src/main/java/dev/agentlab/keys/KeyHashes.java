package dev.agentlab.keys;

import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.vault.Vault;

/// The keyed hashes of keys. No hash made for one of them can stand for the other.
///
/// @param texts of keys as callers show them
/// @param rows of what a stored key may do
public record KeyHashes(KeyedHash texts, KeyedHash rows) {

  /// Those of a service.
  public static KeyHashes of(Vault vault) {
    return new KeyHashes(vault.mac("api-keys"), vault.mac("api-key-rows"));
  }
}
