package dev.agentlab.llm;

import dev.agentlab.secrets.Secret;
import java.net.URI;
import java.util.List;
import java.util.Map;

/// How a provider is told who calls: header fields made of secrets.
public sealed interface Credential permits Credential.Header, AwsSignature {

  /// The header fields that prove who sends a request.
  ///
  /// @param method such as `POST`
  /// @param body what the request carries; empty for none
  Map<String, Secret> headers(String method, URI url, byte[] body);

  /// The name of the header field that carries the proof.
  String header();

  /// In what way the proof is made and sent; where it differs, a secret meant for one is not meant
  /// for the other.
  String scheme();

  /// What must not be shown.
  List<Secret> secrets();

  /// `Authorization: Bearer …` (RFC 6750).
  static Credential bearer(Secret token) {
    return new Header("Authorization", "Bearer ", token);
  }

  /// The secret alone in a field.
  static Credential in(String header, Secret key) {
    return new Header(header, "", key);
  }

  /// One field with the secret in it.
  ///
  /// @param header the field's name
  /// @param scheme what stands before the secret, such as `Bearer `; empty for nothing
  record Header(String header, String scheme, Secret secret) implements Credential {
    @Override
    public Map<String, Secret> headers(String method, URI url, byte[] body) {
      return Map.of(header, Secret.of(scheme + secret.reveal()));
    }

    @Override
    public List<Secret> secrets() {
      return List.of(secret);
    }
  }
}
