package dev.agentlab.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.json.Json;
import dev.agentlab.net.PercentEncoding;
import dev.agentlab.secrets.Secret;
import dev.agentlab.secrets.Sha256;
import dev.agentlab.security.OidcAuthenticator.InvalidTokenException;
import dev.agentlab.upstream.Cancellation;
import dev.agentlab.upstream.NetworkOptions;
import dev.agentlab.upstream.Origin;
import dev.agentlab.upstream.Transport;
import dev.agentlab.upstream.UpstreamException;
import dev.agentlab.upstream.UpstreamRequest;
import dev.agentlab.upstream.UpstreamResponse;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// A client of an identity provider that signs users in: the authorization code flow (OpenID
/// Connect Core 1.0, section 3.1) with PKCE (RFC 7636). Safe for all threads.
///
/// Methods that block throw [UnavailableException] while the identity provider does not respond as
/// expected.
public final class OidcClient {
  private static final String SCOPES = "openid profile email";

  /// The errors of the token endpoint that a retry cannot resolve (RFC 6749, section 5.2; OpenID
  /// Connect Core 1.0, section 3.1.2.6). Others, such as `invalid_client`, are not the user's.
  private static final Set<String> REFUSALS =
      Set.of("invalid_grant", "login_required", "interaction_required", "consent_required");

  private static final Duration METADATA_AGE = Duration.ofMinutes(10);
  private static final Duration RETRY_DELAY = Duration.ofSeconds(10);

  private final OidcClientSettings settings;
  private final Transport transport;
  private final InstantSource clock;
  private final OidcDiscovery discovery;
  private final JwtVerifier signatures;
  private final ClaimsValidator claims;
  private volatile Optional<Metadata> metadata = Optional.empty();

  /// The endpoints of the identity provider.
  ///
  /// @param sendsSecretInBody whether the token endpoint accepts the secret of a client in the body
  ///   only
  private record Metadata(
      URI authorization, URI token, boolean sendsSecretInBody, Instant fetchedAt) {}

  /// A sign-in in progress.
  ///
  /// @param state returned with the code
  /// @param nonce returned in the ID token
  /// @param verifier the PKCE code verifier
  /// @param redirectUri where the identity provider sends the browser back
  public record Attempt(String state, String nonce, Secret verifier, String redirectUri) {}

  /// New tokens of a user.
  ///
  /// @param idToken not verified yet; a response to a refresh need not have one (OpenID Connect
  ///   Core 1.0, section 12.2)
  /// @param refreshToken replaces the former one; empty if that remains valid, or there is none
  public record Tokens(Optional<Secret> idToken, Optional<Secret> refreshToken) {}

  /// Thrown if the identity provider refused a code or a token, or its response does not prove who
  /// the user is. Has no stack trace, because that is expected.
  public static final class RefusedException extends RuntimeException {
    RefusedException(String message) {
      super(message, null, false, false);
    }
  }

  /// @param scopes the scopes that a token can grant; others are ignored
  /// @param signatures verifies tokens of the issuer of the settings
  /// @param transport the transport to the identity provider, which enforces the egress policy
  public OidcClient(
      OidcClientSettings settings,
      GrantableScopes scopes,
      JwtVerifier signatures,
      Transport transport,
      InstantSource clock) {
    this.settings = settings;
    this.signatures = signatures;
    this.transport = transport;
    this.clock = clock;
    discovery = new OidcDiscovery(settings.issuer(), transport);
    claims =
        new ClaimsValidator(
            new OidcSettings(settings.issuer(), settings.clientId(), settings.scopesClaim()),
            scopes);
  }

  /// The identifier of the identity provider.
  public String issuer() {
    return settings.issuer();
  }

  /// The page of the identity provider that signs the user in.
  public URI authorizationUrl(Attempt attempt) {
    URI endpoint = metadata().authorization();
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("response_type", "code");
    parameters.put("client_id", settings.clientId());
    parameters.put("redirect_uri", attempt.redirectUri());
    parameters.put("scope", SCOPES);
    parameters.put("state", attempt.state());
    parameters.put("nonce", attempt.nonce());
    parameters.put("code_challenge", challenge(attempt.verifier()));
    parameters.put("code_challenge_method", "S256");
    String separator = endpoint.getRawQuery() == null ? "?" : "&";
    return URI.create(endpoint + separator + form(parameters));
  }

  /// Exchanges the code of a completed sign-in for the user.
  ///
  /// @throws RefusedException if the code or the ID token is not valid
  public OidcUser exchange(Attempt attempt, String code) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("grant_type", "authorization_code");
    parameters.put("code", code);
    parameters.put("redirect_uri", attempt.redirectUri());
    parameters.put("code_verifier", attempt.verifier().reveal());
    return user(requestTokens(parameters), Optional.of(attempt.nonce()))
        .orElseThrow(() -> new RefusedException("the identity provider returned no ID token"));
  }

  /// Requests new tokens of a user. The refresh token may then be used up, so that the caller must
  /// keep the new one before anything else.
  ///
  /// @throws RefusedException if the refresh token is not valid
  public Tokens refresh(Secret refreshToken) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("grant_type", "refresh_token");
    parameters.put("refresh_token", refreshToken.reveal());
    return requestTokens(parameters);
  }

  /// Verifies the ID token among new tokens.
  ///
  /// @return the user with the present rights; empty if there is no ID token
  /// @throws RefusedException if the ID token is not valid
  public Optional<OidcUser> verify(Tokens tokens) {
    return user(tokens, Optional.empty());
  }

  private Optional<OidcUser> user(Tokens tokens, Optional<String> nonce) {
    return tokens.idToken().map(token -> user(token, tokens.refreshToken(), nonce));
  }

  private OidcUser user(Secret idToken, Optional<Secret> refreshToken, Optional<String> nonce) {
    try {
      JWTClaimsSet verified = signatures.verify(idToken.reveal());
      requireNonce(verified, nonce);
      requireAuthorizedParty(verified);
      ClaimsValidator.VerifiedCaller valid = claims.validate(verified, clock.instant());
      return new OidcUser(settings.issuer(), valid.caller(), valid.expiresAt(), refreshToken);
    } catch (ParseException e) {
      throw new RefusedException("the ID token is malformed");
    } catch (InvalidTokenException e) {
      throw new RefusedException(String.valueOf(e.getMessage()));
    }
  }

  private static void requireNonce(JWTClaimsSet verified, Optional<String> nonce)
      throws ParseException {
    if (nonce.isPresent() && !nonce.get().equals(verified.getStringClaim("nonce"))) {
      throw new InvalidTokenException("the ID token is of another sign-in (nonce)");
    }
  }

  /// A token for several audiences names the one that requested it.
  private void requireAuthorizedParty(JWTClaimsSet verified) throws ParseException {
    String party = verified.getStringClaim("azp");
    boolean isAmbiguous = party == null && verified.getAudience().size() > 1;
    if (isAmbiguous || (party != null && !party.equals(settings.clientId()))) {
      throw new InvalidTokenException("the ID token is for another client (azp)");
    }
  }

  private Tokens requestTokens(Map<String, String> parameters) {
    Metadata endpoints = metadata();
    Map<String, Secret> headers = new LinkedHashMap<>();
    if (settings.clientSecret().isPresent() && !endpoints.sendsSecretInBody()) {
      headers.put("Authorization", basic(settings.clientSecret().get()));
    } else {
      parameters.put("client_id", settings.clientId());
      settings.clientSecret().ifPresent(secret -> parameters.put("client_secret", secret.reveal()));
    }
    UpstreamRequest request =
        new UpstreamRequest(
            "POST",
            endpoints.token(),
            headers,
            Map.of(
                "Accept", "application/json", "Content-Type", "application/x-www-form-urlencoded"),
            new UpstreamRequest.Body.Bytes(form(parameters).getBytes(UTF_8)),
            UpstreamRequest.ResponseMode.COMPLETE,
            NetworkOptions.DEFAULT);
    try {
      UpstreamResponse response = transport.send(request, OidcDiscovery.LIMITS, new Cancellation());
      JsonNode body = Json.MAPPER.readTree(response.text());
      if (response.status() == 200) {
        return new Tokens(secret(body, "id_token"), secret(body, "refresh_token"));
      }
      String error = body.path("error").asString("");
      if (REFUSALS.contains(error)) {
        throw new RefusedException("the identity provider refused the sign-in: " + error);
      }
      throw unavailable(
          new IllegalStateException(
              "the token endpoint returned status %d".formatted(response.status())));
    } catch (UpstreamException e) {
      throw unavailable(e);
    } catch (JacksonException _) {
      // Its message quotes the response, which contains tokens.
      throw unavailable(
          new IllegalStateException("the response of the token endpoint is not valid JSON"));
    }
  }

  private static Optional<Secret> secret(JsonNode response, String member) {
    return Optional.of(response.path(member).asString(""))
        .filter(text -> !text.isEmpty())
        .map(Secret::of);
  }

  /// RFC 6749, section 2.3.1.
  private Secret basic(Secret secret) {
    String pair =
        PercentEncoding.encode(settings.clientId()) + ":" + PercentEncoding.encode(secret.reveal());
    return Secret.of("Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)));
  }

  private static String form(Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .map(e -> e.getKey() + "=" + PercentEncoding.encode(e.getValue()))
        .collect(Collectors.joining("&"));
  }

  private static String challenge(Secret verifier) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Sha256.of(verifier.reveal()));
  }

  private Metadata metadata() {
    Optional<Metadata> cached = metadata;
    Instant now = clock.instant();
    if (cached.filter(it -> now.isBefore(it.fetchedAt().plus(METADATA_AGE))).isPresent()) {
      return cached.get();
    }
    try {
      Metadata fetched = parse(discovery.fetchMetadata(), now);
      metadata = Optional.of(fetched);
      return fetched;
    } catch (OidcDiscovery.DiscoveryException e) {
      throw unavailable(e);
    } catch (IllegalArgumentException e) {
      throw unavailable(
          new IllegalStateException("the discovery document has an invalid endpoint", e));
    }
  }

  private static Metadata parse(JsonNode document, Instant now) {
    JsonNode methods = document.path("token_endpoint_auth_methods_supported");
    // The default is client_secret_basic (OpenID Connect Discovery 1.0, section 3).
    boolean sendsSecretInBody =
        methods.isArray()
            && methods.valueStream().noneMatch(it -> it.asString("").equals("client_secret_basic"));
    return new Metadata(
        endpoint(document, "authorization_endpoint"),
        endpoint(document, "token_endpoint"),
        sendsSecretInBody,
        now);
  }

  private static URI endpoint(JsonNode document, String member) {
    URI endpoint = URI.create(document.path(member).asString(""));
    OidcDiscovery.requireSecure(Origin.of(endpoint));
    return endpoint;
  }

  private static UnavailableException unavailable(RuntimeException cause) {
    return new UnavailableException("the identity provider is unavailable", RETRY_DELAY, cause);
  }
}
