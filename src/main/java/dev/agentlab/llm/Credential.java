package dev.agentlab.llm;

import dev.agentlab.secrets.Secret;

/// How a provider is told who calls: a header field with a secret in it.
///
/// @param header the field's name
/// @param scheme what stands before the secret, such as `Bearer `; empty for nothing
public record Credential(String header, String scheme, Secret secret) {

  /// `Authorization: Bearer …` (RFC 6750).
  static Credential bearer(Secret token) {
    return new Credential("Authorization", "Bearer ", token);
  }

  /// The secret alone in a field.
  static Credential in(String header, Secret key) {
    return new Credential(header, "", key);
  }

  /// The field's value, as it is sent.
  public Secret value() {
    return Secret.of(scheme + secret.reveal());
  }
}
