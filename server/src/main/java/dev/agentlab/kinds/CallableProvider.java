package dev.agentlab.kinds;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.agentlab.dialects.Dialect;
import dev.agentlab.secrets.Secret;
import dev.agentlab.upstream.NetworkOptions;
import dev.agentlab.upstream.Transport;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// A provider that is ready to be called: its dialect, URLs and credential.
///
/// @param dialect the wire format of requests and responses
/// @param baseUrl the URL that request paths are appended to, without a trailing slash
/// @param query the query appended to each path, such as `?api-version=2024-10-21`, or empty
/// @param modelListEndpoint the endpoint that lists models
/// @param credential sent with every request; empty for a provider without authentication
/// @param network how the provider is reached
/// @param transport replaces the network, for a provider that is not reached over it
public record CallableProvider(
    ProviderKind kind,
    Dialect dialect,
    String baseUrl,
    String query,
    ModelListEndpoint modelListEndpoint,
    Optional<ProviderCredential> credential,
    NetworkOptions network,
    Optional<Transport> transport) {
  private static final int MAX_KNOWN_URLS = 1_000;

  /// Parsing a URL takes longer than the rest of the preparation of a call.
  private static final Cache<String, URI> KNOWN_URLS =
      Caffeine.newBuilder().maximumSize(MAX_KNOWN_URLS).executor(Runnable::run).build();

  /// A provider that is reached over the network.
  public CallableProvider(
      ProviderKind kind,
      Dialect dialect,
      String base,
      String query,
      ModelListEndpoint listing,
      Optional<ProviderCredential> credential) {
    this(kind, dialect, base, query, listing, credential, NetworkOptions.DEFAULT, Optional.empty());
  }

  /// The same provider, reached in another way.
  CallableProvider withNetwork(NetworkOptions options) {
    return new CallableProvider(
        kind, dialect, baseUrl, query, modelListEndpoint, credential, options, transport);
  }

  /// The URL of a request.
  ///
  /// @param path the path of [dev.agentlab.dialects.ProviderRequest#path]
  public URI url(String path) {
    return KNOWN_URLS.get(baseUrl + "/" + path + query, URI::create);
  }

  /// The header fields that authenticate a request.
  public Map<String, Secret> authenticationHeaders(String method, URI url, byte[] body) {
    return credential.map(it -> it.headers(method, url, body)).orElse(Map.of());
  }

  /// The header fields without secrets that every request has, such as the version of the API.
  public Map<String, String> ownHeaders() {
    return modelListEndpoint.headers();
  }

  /// Whether the credential signs the body of each request, which must be complete before it is
  /// sent.
  public boolean signsBody() {
    return credential.map(ProviderCredential::signsBody).orElse(false);
  }

  /// The secrets of the provider, which must never be shown.
  public List<Secret> secrets() {
    return Stream.concat(
            credential.stream().flatMap(it -> it.secrets().stream()), network.secrets().stream())
        .toList();
  }
}
