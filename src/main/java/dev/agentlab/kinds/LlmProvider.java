package dev.agentlab.kinds;

import dev.agentlab.dialects.Dialect;
import dev.agentlab.secrets.Secret;
import dev.agentlab.upstream.Origin;
import dev.agentlab.upstream.Transport;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A provider ready to be called: what it speaks, where, and what proves who calls.
///
/// @param dialect how a request is put to it
/// @param base what the paths of requests follow, without a slash at its end
/// @param query what follows each path, such as `?api-version=2024-10-21`; empty for nothing
/// @param listing how it tells its models
/// @param credential sent with every call; empty for a provider that asks for none
/// @param transport what carries the calls, for a provider that is not reached over the network
public record LlmProvider(
    ProviderKind kind,
    Dialect dialect,
    String base,
    String query,
    ModelListEndpoint listing,
    Optional<ProviderCredential> credential,
    Optional<Transport> transport) {

  /// A provider in the network.
  public LlmProvider(
      ProviderKind kind,
      Dialect dialect,
      String base,
      String query,
      ModelListEndpoint listing,
      Optional<ProviderCredential> credential) {
    this(kind, dialect, base, query, listing, credential, Optional.empty());
  }

  /// Where a request goes.
  ///
  /// @param path as [dev.agentlab.dialects.ProviderRequest#path] has it
  public URI url(String path) {
    return URI.create(base + "/" + path + query);
  }

  /// The fields that prove who calls.
  public Map<String, Secret> proof(String method, URI url, byte[] body) {
    return credential.map(it -> it.headers(method, url, body)).orElse(Map.of());
  }

  /// What must not be shown of it.
  public List<Secret> secrets() {
    return credential.map(ProviderCredential::secrets).orElse(List.of());
  }

  /// Whether a credential meant for the other provider would reach the same place in the same way:
  /// scheme, host, port, header field and scheme of authentication are equal.
  boolean isSameDestination(LlmProvider other) {
    return Origin.of(url("")).equals(Origin.of(other.url("")))
        && Origin.of(listing.url()).equals(Origin.of(other.listing.url()))
        && field().equals(other.field());
  }

  private Optional<String> field() {
    return credential.map(it -> it.header().toLowerCase(Locale.ROOT) + ":" + it.scheme());
  }
}
