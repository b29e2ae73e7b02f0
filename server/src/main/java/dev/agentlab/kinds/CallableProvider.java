package dev.agentlab.kinds;

import dev.agentlab.dialects.Dialect;
import dev.agentlab.secrets.Secret;
import dev.agentlab.upstream.Transport;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A provider that is ready to be called: its dialect, URLs and credential.
///
/// @param dialect the wire format of requests and responses
/// @param baseUrl the URL that request paths are appended to, without a trailing slash
/// @param query the query appended to each path, such as `?api-version=2024-10-21`, or empty
/// @param modelListEndpoint the endpoint that lists models
/// @param credential sent with every request; empty for a provider without authentication
/// @param transport replaces the network, for a provider that is not reached over it
public record CallableProvider(
    ProviderKind kind,
    Dialect dialect,
    String baseUrl,
    String query,
    ModelListEndpoint modelListEndpoint,
    Optional<ProviderCredential> credential,
    Optional<Transport> transport) {

  /// A provider that is reached over the network.
  public CallableProvider(
      ProviderKind kind,
      Dialect dialect,
      String base,
      String query,
      ModelListEndpoint listing,
      Optional<ProviderCredential> credential) {
    this(kind, dialect, base, query, listing, credential, Optional.empty());
  }

  /// The URL of a request.
  ///
  /// @param path the path of [dev.agentlab.dialects.ProviderRequest#path]
  public URI url(String path) {
    return URI.create(baseUrl + "/" + path + query);
  }

  /// The header fields that authenticate a request.
  public Map<String, Secret> authenticationHeaders(String method, URI url, byte[] body) {
    return credential.map(it -> it.headers(method, url, body)).orElse(Map.of());
  }

  /// The secrets of the provider, which must never be shown.
  public List<Secret> secrets() {
    return credential.map(ProviderCredential::secrets).orElse(List.of());
  }
}
