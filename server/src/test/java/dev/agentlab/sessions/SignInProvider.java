package dev.agentlab.sessions;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.agentlab.json.Json;
import dev.agentlab.net.PercentEncoding;
import dev.agentlab.testing.FakeUpstream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import tools.jackson.databind.node.ObjectNode;

/// An identity provider on a loopback address that signs one user in. Its token endpoint requires
/// the secret of the client, the PKCE verifier, and that each code and refresh token is used once.
final class SignInProvider implements AutoCloseable {
  static final String CLIENT_ID = "lab console";
  static final String CLIENT_SECRET = "s/cret:of the client";

  private final RSAKey key = createKey();
  private final FakeUpstream server = FakeUpstream.start(this::respond);
  private final Map<String, Map<String, String>> codes = new ConcurrentHashMap<>();
  private final List<String> refreshTokens = new CopyOnWriteArrayList<>();
  private volatile UnaryOperator<JWTClaimsSet.Builder> claims = it -> it;
  private volatile boolean givesRefreshTokens;
  private volatile boolean isAvailable = true;
  private volatile boolean areKeysAvailable = true;
  private volatile boolean confirmsRights = true;
  private final AtomicInteger refreshes = new AtomicInteger();

  private static RSAKey createKey() {
    try {
      return new RSAKeyGenerator(2048).keyID("one").generate();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  String issuer() {
    return server.url("").toString();
  }

  /// Changes the claims of the next ID tokens.
  void setClaims(UnaryOperator<JWTClaimsSet.Builder> change) {
    claims = change;
  }

  void setScopes(String scopes) {
    claims = it -> it.claim("scope", scopes);
  }

  void setGivesRefreshTokens(boolean gives) {
    givesRefreshTokens = gives;
  }

  void setAvailable(boolean available) {
    isAvailable = available;
  }

  /// Sets whether the keys for signatures can be fetched.
  void setKeysAvailable(boolean available) {
    areKeysAvailable = available;
  }

  /// Sets whether a refresh returns an ID token.
  void setConfirmsRights(boolean confirms) {
    confirmsRights = confirms;
  }

  /// Makes all refresh tokens invalid.
  void revokeRefreshTokens() {
    refreshTokens.clear();
  }

  /// The number of successful refreshes.
  int refreshes() {
    return refreshes.get();
  }

  /// Signs the user in on the page to which the service redirected.
  ///
  /// @return the query with which the browser returns to the service
  String signIn(URI page) {
    assertThat(page.toString()).startsWith(issuer() + "/authorize?");
    Map<String, String> query = parse(page.getRawQuery());
    assertThat(query)
        .containsEntry("response_type", "code")
        .containsEntry("client_id", CLIENT_ID)
        .containsEntry("code_challenge_method", "S256");
    assertThat(query.get("scope")).contains("openid");
    String code = UUID.randomUUID().toString();
    codes.put(code, query);
    return "code=%s&state=%s&session_state=of+the+provider".formatted(code, query.get("state"));
  }

  private static Map<String, String> parse(String form) {
    Map<String, String> values = new HashMap<>();
    for (String part : form.split("&", -1)) {
      String[] pair = part.split("=", 2);
      values.put(pair[0], PercentEncoding.decodeQuery(pair[1]));
    }
    return values;
  }

  private void respond(FakeUpstream.Request request, OutputStream out) throws IOException {
    String response;
    if (!isAvailable) {
      response = json("503 Unavailable", "{}");
    } else if (request.requestLine().contains("/.well-known/openid-configuration")) {
      response =
          json(
              "200 OK",
              "{\"issuer\": \"%1$s\", \"jwks_uri\": \"%1$s/keys\", \"authorization_endpoint\": \"%1$s/authorize\", \"token_endpoint\": \"%1$s/token\"}"
                  .formatted(issuer()));
    } else if (request.requestLine().contains("/keys")) {
      response =
          areKeysAvailable
              ? json("200 OK", new JWKSet(key).toString(true))
              : json("503 Unavailable", "{}");
    } else {
      response = tokens(request);
    }
    out.write(response.getBytes(UTF_8));
    out.flush();
  }

  private static String json(String status, String body) {
    return FakeUpstream.response(status, "application/json", body);
  }

  private String tokens(FakeUpstream.Request request) {
    String pair = PercentEncoding.encode(CLIENT_ID) + ":" + PercentEncoding.encode(CLIENT_SECRET);
    String basic = "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
    if (!request.header("Authorization").equals(Optional.of(basic))
        || !request
            .header("Content-Type")
            .equals(Optional.of("application/x-www-form-urlencoded"))) {
      return json("401 Unauthorized", "{\"error\": \"invalid_client\"}");
    }
    Map<String, String> form = parse(request.body());
    return switch (form.getOrDefault("grant_type", "")) {
      case "authorization_code" -> exchange(form);
      case "refresh_token" -> refresh(form);
      default -> json("400 Bad Request", "{\"error\": \"unsupported_grant_type\"}");
    };
  }

  private String exchange(Map<String, String> form) {
    Map<String, String> asked = codes.remove(form.get("code"));
    if (asked == null
        || !asked.getOrDefault("redirect_uri", "").equals(form.get("redirect_uri"))
        || !asked
            .getOrDefault("code_challenge", "")
            .equals(challenge(form.getOrDefault("code_verifier", "")))) {
      return json("400 Bad Request", "{\"error\": \"invalid_grant\"}");
    }
    return json("200 OK", grant(Optional.ofNullable(asked.get("nonce"))));
  }

  private String refresh(Map<String, String> form) {
    if (!refreshTokens.remove(form.get("refresh_token"))) {
      return json("400 Bad Request", "{\"error\": \"invalid_grant\"}");
    }
    refreshes.incrementAndGet();
    return json("200 OK", grant(Optional.empty()));
  }

  private static String challenge(String verifier) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(UTF_8)));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private String grant(Optional<String> nonce) {
    JWTClaimsSet.Builder valid =
        new JWTClaimsSet.Builder()
            .issuer(issuer())
            .audience(CLIENT_ID)
            .subject("user-1")
            .claim("name", "Ada")
            .claim("scope", "agents:read")
            .expirationTime(Date.from(Instant.now().plusSeconds(300)));
    nonce.ifPresent(it -> valid.claim("nonce", it));
    ObjectNode tokens =
        Json.MAPPER.createObjectNode().put("token_type", "Bearer").put("access_token", "opaque");
    if (nonce.isPresent() || confirmsRights) {
      tokens.put("id_token", sign(claims.apply(valid).build()));
    }
    if (givesRefreshTokens) {
      String token = "refresh-" + UUID.randomUUID();
      refreshTokens.add(token);
      tokens.put("refresh_token", token);
    }
    return tokens.toString();
  }

  /// The last refresh token.
  String lastRefreshToken() {
    return refreshTokens.getLast();
  }

  private String sign(JWTClaimsSet set) {
    try {
      SignedJWT token =
          new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("one").build(), set);
      token.sign(new RSASSASigner(key));
      return token.serialize();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
