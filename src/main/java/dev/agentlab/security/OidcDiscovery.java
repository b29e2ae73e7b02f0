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
import java.net.InetAddress;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// The provider as it describes itself (OpenID Connect Discovery 1.0): asked anew each time.
///
/// @param issuer its identifier, matched exactly
record OidcDiscovery(String issuer, Transport transport) {
  private static final Duration STEP = Duration.ofSeconds(2);
  private static final Duration TOTAL = Duration.ofSeconds(5);
  private static final int MOST_BYTES = 256 << 10;
  private static final UpstreamLimits LIMITS =
      new UpstreamLimits(STEP, STEP, TOTAL, TOTAL, TOTAL, MOST_BYTES);

  /// It cannot be asked, or answers what it must not. The message is for the log.
  static final class Failure extends RuntimeException {
    Failure(String message) {
      super(message);
    }

    Failure(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /// The keys it signs with now, and others it may publish.
  ///
  /// @throws Failure if they cannot be had
  List<JWK> keys() {
    String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    JsonNode document = json(base + "/.well-known/openid-configuration");
    if (!issuer.equals(document.path("issuer").asString(""))) {
      throw new Failure("the discovery document is of another issuer than " + issuer);
    }
    String keys = document.path("jwks_uri").asString("");
    try {
      return JWKSet.parse(text(keys)).getKeys();
    } catch (ParseException e) {
      throw new Failure("what is at the jwks_uri is no set of keys", e);
    }
  }

  private JsonNode json(String url) {
    try {
      return Json.MAPPER.readTree(text(url));
    } catch (JacksonException e) {
      throw new Failure("the discovery document is no JSON", e);
    }
  }

  private String text(String url) {
    try {
      URI uri = URI.create(url);
      requireSafe(Origin.of(uri));
      UpstreamRequest request =
          UpstreamRequest.get(uri, Map.of(), Map.of("Accept", "application/json"));
      UpstreamResponse response = transport.send(request, LIMITS, new Cancellation());
      if (response.status() != 200) {
        throw new Failure("%s answered %d".formatted(Origin.of(uri), response.status()));
      }
      return response.body();
    } catch (IllegalArgumentException e) {
      throw new Failure("the URL of %s is none".formatted(issuer), e);
    } catch (UpstreamException e) {
      throw new Failure(String.valueOf(e.getMessage()), e);
    }
  }

  /// Whoever can change keys on their way can make tokens.
  private static void requireSafe(Origin origin) {
    boolean loopback =
        origin.host().equals("localhost")
            || origin.literal().map(InetAddress::isLoopbackAddress).orElse(false);
    if (!origin.secure() && !loopback) {
      throw new Failure("keys are only fetched by https, not from " + origin);
    }
  }
}
