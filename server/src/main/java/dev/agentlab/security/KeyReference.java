package dev.agentlab.security;

/// Identifies an API key and one of its secrets without containing the secret: what is created with
/// the key can be bound to it.
///
/// @param keyId the id in the text of the key
/// @param hash the keyed hash of its text
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record KeyReference(String keyId, byte[] hash) {}
