package dev.agentlab.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.agentlab.testing.FakeUpstream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// An identity provider on a loopback address with configurable responses.
final class FakeIdentityProvider implements AutoCloseable {
  static final String DISCOVERY = "/.well-known/openid-configuration";

  private final FakeUpstream server = FakeUpstream.start(this::respond);
  private final AtomicInteger requestCount = new AtomicInteger();
  private volatile List<JWK> keys;
  private volatile String issuer = issuer();
  private volatile String keysUrl = server.url("/keys").toString();
  private volatile int status = 200;

  FakeIdentityProvider(JWK... keys) {
    this.keys = List.of(keys);
  }

  String issuer() {
    return server.url("").toString();
  }

  void publish(JWK... some) {
    keys = List.of(some);
  }

  /// Names another issuer in its discovery document.
  void setIssuer(String other) {
    issuer = other;
  }

  void setKeysUrl(String url) {
    keysUrl = url;
  }

  void setStatus(int code) {
    status = code;
  }

  /// The number of requests for the discovery document.
  int requestCount() {
    return requestCount.get();
  }

  private void respond(FakeUpstream.Request request, OutputStream out) throws IOException {
    String body;
    if (request.requestLine().contains(DISCOVERY)) {
      requestCount.incrementAndGet();
      body = "{\"issuer\": \"%s\", \"jwks_uri\": \"%s\"}".formatted(issuer, keysUrl);
    } else {
      body = new JWKSet(keys).toString(true);
    }
    out.write(
        FakeUpstream.response(status + " Status", "application/json", body)
            .getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  static String token(JWSAlgorithm algorithm, JWK key, JWTClaimsSet claims) throws JOSEException {
    return token(new JWSHeader.Builder(algorithm).keyID(key.getKeyID()).build(), key, claims);
  }

  static String token(JWSHeader header, JWK key, JWTClaimsSet claims) throws JOSEException {
    JWSSigner signer =
        key instanceof ECKey ec ? new ECDSASigner(ec) : new RSASSASigner((RSAKey) key);
    SignedJWT token = new SignedJWT(header, claims);
    token.sign(signer);
    return token.serialize();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
