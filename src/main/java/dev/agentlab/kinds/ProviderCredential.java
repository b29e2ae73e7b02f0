package dev.agentlab.kinds;

import dev.agentlab.secrets.Secret;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How a provider is told who calls: header fields made of secrets.
public sealed interface ProviderCredential permits ProviderCredential.Header, AwsSignature {

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
  static ProviderCredential bearer(Secret token) {
    return new Header("Authorization", "Bearer ", token);
  }

  /// The secret alone in a field.
  static ProviderCredential in(String header, Secret key) {
    return new Header(header, "", key);
  }

  /// The `token` of a configuration, sent as its `auth_type` says: `bearer`, or `api_key` for the
  /// token alone in a field. With any other it is not sent.
  ///
  /// @param authType how that option is declared
  /// @param header the field for `api_key`
  static Optional<ProviderCredential> token(ProviderConfig config, Option authType, String header) {
    return config
        .secret("token")
        .flatMap(token ->
            switch (config.value(authType).orElse("")) {
              case "bearer" -> Optional.of(bearer(token));
              case "api_key" -> Optional.of(in(header, token));
              default -> Optional.empty();
            });
  }

  /// One field with the secret in it.
  ///
  /// @param header the field's name
  /// @param scheme what stands before the secret, such as `Bearer `; empty for nothing
  record Header(String header, String scheme, Secret secret) implements ProviderCredential {
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
