package dev.agentlab.kinds;

import dev.agentlab.secrets.Secret;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A credential that authenticates requests to a provider in header fields.
public sealed interface ProviderCredential permits ProviderCredential.Header, AwsSignature {

  /// The header fields that authenticate a request.
  ///
  /// @param method such as `POST`
  /// @param body the request body; empty for none
  Map<String, Secret> headers(String method, URI url, byte[] body);

  /// Whether the header fields depend on the body.
  boolean signsBody();

  /// The name of the header field that carries the credential.
  String header();

  /// The secrets of the credential, which must never be shown.
  List<Secret> secrets();

  /// `Authorization: Bearer …` (RFC 6750).
  static ProviderCredential bearer(Secret token) {
    return new Header("Authorization", "Bearer ", token);
  }

  /// A header field that contains only the secret.
  static ProviderCredential inHeader(String header, Secret key) {
    return new Header(header, "", key);
  }

  /// The `token` of a configuration, sent according to its `auth_type`: `bearer`, or `api_key` for
  /// a header field that contains only the token. With any other value it is not sent.
  ///
  /// @param authType the declaration of the option `auth_type`
  /// @param header the header field for `api_key`
  static Optional<ProviderCredential> fromToken(
      ProviderConfig config, Option authType, String header) {
    return config
        .secret("token")
        .flatMap(token ->
            switch (config.valueOrDefault(authType).orElse("")) {
              case "bearer" -> Optional.of(bearer(token));
              case "api_key" -> Optional.of(inHeader(header, token));
              default -> Optional.empty();
            });
  }

  /// A header field that contains a secret.
  ///
  /// @param header the name of the header field
  /// @param scheme the prefix of the secret, such as `Bearer `; empty for none
  record Header(String header, String scheme, Secret secret) implements ProviderCredential {
    @Override
    public Map<String, Secret> headers(String method, URI url, byte[] body) {
      return Map.of(header, Secret.of(scheme + secret.reveal()));
    }

    @Override
    public boolean signsBody() {
      return false;
    }

    @Override
    public List<Secret> secrets() {
      return List.of(secret);
    }
  }
}
