package dev.agentlab.security;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import dev.agentlab.json.Json;
import dev.agentlab.upstream.Cancellation;
import dev.agentlab.upstream.Origin;
import dev.agentlab.upstream.Transport;
import dev.agentlab.upstream.UpstreamException;
import dev.agentlab.upstream.UpstreamLimits;
import dev.agentlab.upstream.UpstreamRequest;
import dev.agentlab.upstream.UpstreamResponse;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Fetches the metadata and the keys of an identity provider (OpenID Connect Discovery 1.0),
/// without a cache.
///
/// @param issuer the identifier of the provider, compared exactly
record OidcDiscovery(String issuer, Transport transport) {
  private static final Duration STEP_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration TOTAL_TIMEOUT = Duration.ofSeconds(5);
  private static final int MAX_RESPONSE_BYTES = 256 << 10;

  /// The limits of each request to the identity provider.
  static final UpstreamLimits LIMITS =
      new UpstreamLimits(
          STEP_TIMEOUT,
          STEP_TIMEOUT,
          TOTAL_TIMEOUT,
          TOTAL_TIMEOUT,
          TOTAL_TIMEOUT,
          MAX_RESPONSE_BYTES);

  /// Thrown if the identity provider is unavailable or its response is invalid. The message is for
  /// the log.
  static final class DiscoveryException extends RuntimeException {
    DiscoveryException(String message) {
      super(message);
    }

    DiscoveryException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /// Fetches all published keys.
  ///
  /// @throws DiscoveryException if they cannot be fetched
  List<JWK> fetchKeys() {
    String keys = fetchMetadata().path("jwks_uri").asString("");
    try {
      return JWKSet.parse(fetch(keys)).getKeys();
    } catch (ParseException e) {
      throw new DiscoveryException("the response of the jwks_uri is not a JSON Web Key Set", e);
    }
  }

  /// Fetches the discovery document.
  ///
  /// @throws DiscoveryException if it cannot be fetched, or has another issuer
  JsonNode fetchMetadata() {
    String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    JsonNode document = fetchJson(base + "/.well-known/openid-configuration");
    if (!issuer.equals(document.path("issuer").asString(""))) {
      throw new DiscoveryException("the discovery document must have the issuer " + issuer);
    }
    return document;
  }

  private JsonNode fetchJson(String url) {
    try {
      return Json.MAPPER.readTree(fetch(url));
    } catch (JacksonException e) {
      throw new DiscoveryException("the discovery document is not JSON", e);
    }
  }

  private String fetch(String url) {
    try {
      URI uri = URI.create(url);
      requireSecure(Origin.of(uri));
      UpstreamRequest request =
          UpstreamRequest.get(uri, Map.of(), Map.of("Accept", "application/json"));
      UpstreamResponse response = transport.send(request, LIMITS, new Cancellation());
      if (response.status() != 200) {
        throw new DiscoveryException(
            "%s returned status %d".formatted(Origin.of(uri), response.status()));
      }
      return response.text();
    } catch (IllegalArgumentException e) {
      throw new DiscoveryException(
          "the issuer %s or its jwks_uri is not a valid URL".formatted(issuer), e);
    } catch (UpstreamException e) {
      throw new DiscoveryException(String.valueOf(e.getMessage()), e);
    }
  }

  /// An attacker who can replace the keys in transit can forge tokens; one who can read the
  /// requests can use them.
  ///
  /// @throws DiscoveryException if the origin is neither https nor on this machine
  static void requireSecure(Origin origin) {
    if (!origin.secure() && !origin.host().isLoopback()) {
      throw new DiscoveryException(
          "the identity provider must be called over https, was " + origin);
    }
  }
}
