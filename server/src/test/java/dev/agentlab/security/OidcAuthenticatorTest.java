package dev.agentlab.security;

import static dev.agentlab.security.FakeIdentityProvider.token;
import static dev.agentlab.security.OidcFixture.EC;
import static dev.agentlab.security.OidcFixture.LARGER;
import static dev.agentlab.security.OidcFixture.OTHER;
import static dev.agentlab.security.OidcFixture.RSA;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.agentlab.secrets.Secret;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OidcAuthenticatorTest {
  private final OidcFixture oidc = new OidcFixture();

  @AfterEach
  void stop() throws Exception {
    oidc.close();
  }

  @Test
  void tokenOfEachAlgorithmIsAccepted() throws Exception {
    for (JWSAlgorithm algorithm : List.of(JWSAlgorithm.RS256, JWSAlgorithm.PS256)) {
      assertThat(oidc.acceptedCaller(token(algorithm, RSA, oidc.claims().build())).id())
          .isEqualTo("user-1");
    }
    Caller caller = oidc.acceptedCaller(token(JWSAlgorithm.ES256, EC, oidc.claims().build()));
    assertThat(caller)
        .isEqualTo(
            new Caller(
                Caller.Kind.TOKEN,
                "user-1",
                "user-1",
                GrantSet.of(Set.of(Grant.of(new Scope("agents:read"))))));
  }

  @Test
  void scopesAreTextOrAListAndUnknownOnesAreIgnored() throws Exception {
    UUID agent = UUID.randomUUID();
    Set<Grant> expected = Set.of(Grant.of(new Scope("keys:admin")), Grant.invoke(agent));
    List<Object> spellings =
        List.of(
            "keys:admin  open nonsense invoke:x invoke:" + agent,
            List.of("keys:admin", "invoke:" + agent, "profile", 7, "keys:admin agents:read"));
    for (Object scopes : spellings) {
      Caller caller = oidc.acceptedCaller(oidc.signedToken(it -> it.claim("scope", scopes)));
      assertThat(caller.grants().all()).isEqualTo(expected);
    }
    assertThat(oidc.acceptedCaller(oidc.signedToken(it -> it.claim("scope", 5))).grants())
        .isEqualTo(GrantSet.NONE);
    String other = oidc.signedToken(it -> it.claim("permissions", List.of("audit:read")));
    assertThat(oidc.authenticator("permissions").verify(Secret.of(other)))
        .isInstanceOfSatisfying(
            AuthenticationResult.Accepted.class,
            it -> assertThat(it.caller().grants().texts()).containsExactly("audit:read"));
  }

  @Test
  void scopesCanBeRestrictedToProvidersAndModels() throws Exception {
    UUID agent = UUID.randomUUID();
    String text =
        "invoke:agent/%s invoke:provider/my%%20own invoke:model/p/meta/* proxy:p invoke:agent/x"
            .formatted(agent);
    String other = "invoke:model/p proxy:a/b invoke:provider/";
    assertThat(
            oidc.acceptedCaller(oidc.signedToken(it -> it.claim("scope", text + " " + other)))
                .grants()
                .texts())
        .containsExactly(
            "invoke:" + agent, "invoke:model/p/meta/*", "invoke:provider/my own", "proxy:p");
  }

  @Test
  void displayNameComesFromNameOrEmailClaim() throws Exception {
    assertThat(oidc.acceptedCaller(oidc.signedToken(it -> it.claim("email", "a@b.example"))).name())
        .isEqualTo("a@b.example");
    assertThat(
            oidc.acceptedCaller(
                    oidc.signedToken(it -> it.claim("name", "Ann\u0007 " + "x".repeat(500))))
                .name())
        .startsWith("Ann x")
        .hasSizeLessThan(70);
  }

  @Test
  void tokenWithWrongOrMissingClaimsIsRejected() throws Exception {
    oidc.assertRejected(oidc.signedToken(it -> it.issuer("https://evil.example")), "issuer (iss)");
    oidc.assertRejected(
        oidc.signedToken(it -> it.issuer(oidc.provider.issuer() + "/")), "issuer (iss)");
    oidc.assertRejected(oidc.signedToken(it -> it.issuer(null)), "issuer (iss)");
    oidc.assertRejected(oidc.signedToken(it -> it.audience("other")), "audience (aud)");
    oidc.assertRejected(
        oidc.signedToken(it -> it.audience(List.of("other", "labs"))), "audience (aud)");
    oidc.assertRejected(oidc.signedToken(it -> it.audience((String) null)), "audience (aud)");
    oidc.assertRejected(oidc.signedToken(it -> it.expirationTime(null)), "no expiry (exp)");
    oidc.assertRejected(oidc.signedToken(it -> it.subject(null)), "no subject");
    oidc.assertRejected(oidc.signedToken(it -> it.subject(" ")), "no subject");
    assertThat(
            oidc.acceptedCaller(oidc.signedToken(it -> it.audience(List.of("other", "lab")))).id())
        .isEqualTo("user-1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\0", "a\0b", "a\nb", "\u0085"})
  void subjectWithControlCharactersIsRejected(String subject) throws Exception {
    oidc.assertRejected(oidc.signedToken(it -> it.subject(subject)), "subject");
  }

  @Test
  void unpairedSurrogateIsRejectedInSubjectAndRemovedFromName() throws Exception {
    oidc.assertRejected(tokenWithUnpairedSurrogate("sub", "user-1"), "unpaired surrogate");
    assertThat(oidc.acceptedCaller(tokenWithUnpairedSurrogate("name", "Ann")).name())
        .isEqualTo("Ann");
  }

  /// Creates a token with an unpaired surrogate at the end of a claim, which libraries do not
  /// write.
  private String tokenWithUnpairedSurrogate(String claim, String text) throws Exception {
    String claims = oidc.claims().claim(claim, text).build().toString();
    JWSObject token =
        new JWSObject(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("rsa").build(),
            new Payload(claims.replace("\"" + text + "\"", "\"" + text + "\\ud800\"")));
    token.sign(new RSASSASigner(RSA));
    return token.serialize();
  }

  @Test
  void subjectHasAtMost200Characters() throws Exception {
    oidc.assertRejected(
        oidc.signedToken(it -> it.subject("x".repeat(201))), "at most 200 characters");
    for (String subject : List.of("x".repeat(200), "\ud83d\ude00".repeat(200), "Zoë|\u200d")) {
      assertThat(oidc.acceptedCaller(oidc.signedToken(it -> it.subject(subject))).id())
          .isEqualTo(subject);
    }
  }

  @Test
  void controlCharactersAreRemovedFromNames() throws Exception {
    assertThat(
            oidc.acceptedCaller(oidc.signedToken(it -> it.claim("name", "A\0nn\u0007 B"))).name())
        .isEqualTo("Ann B");
    assertThat(oidc.acceptedCaller(oidc.signedToken(it -> it.claim("name", "\0\u0007"))).name())
        .isEqualTo("user-1");
  }

  @Test
  void clockSkewOf30SecondsIsTolerated() throws Exception {
    assertThat(
            oidc.acceptedCaller(oidc.signedToken(it -> it.expirationTime(oidc.secondsFromNow(-29))))
                .id())
        .isEqualTo("user-1");
    oidc.assertRejected(
        oidc.signedToken(it -> it.expirationTime(oidc.secondsFromNow(-31))), "expired");
    assertThat(
            oidc.acceptedCaller(oidc.signedToken(it -> it.notBeforeTime(oidc.secondsFromNow(29))))
                .id())
        .isEqualTo("user-1");
    oidc.assertRejected(
        oidc.signedToken(it -> it.notBeforeTime(oidc.secondsFromNow(31))), "not valid yet");
  }

  @Test
  void otherAlgorithmsAreRejected() throws Exception {
    oidc.assertRejected(new PlainJWT(oidc.claims().build()).serialize(), "nor a signed token");
    oidc.assertRejected(
        new PlainJWT(oidc.claims().build()).serialize() + "YQ", "nor a signed token");
    for (JWSAlgorithm algorithm : List.of(JWSAlgorithm.RS512, JWSAlgorithm.PS384)) {
      oidc.assertRejected(
          token(algorithm, RSA, oidc.claims().build()), "must be signed with RS256");
    }
  }

  @Test
  void hmacWithThePublicKeyIsRejected() throws Exception {
    for (byte[] secret :
        List.of(
            RSA.toRSAPublicKey().getEncoded(),
            RSA.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8))) {
      SignedJWT forged =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("rsa").build(),
              oidc.claims().build());
      forged.sign(new MACSigner(secret));
      oidc.assertRejected(forged.serialize(), "must be signed with RS256");
    }
  }

  @Test
  void keyOfAnotherTypeIsNotUsed() throws Exception {
    oidc.assertRejected(
        token(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("ec").build(),
            OTHER,
            oidc.claims().build()),
        "does not publish");
  }

  @Test
  void keysInTheTokenHeaderAreIgnored() throws Exception {
    JWSHeader brought =
        new JWSHeader.Builder(JWSAlgorithm.RS256)
            .keyID("rsa")
            .jwk(OTHER.toPublicJWK())
            .jwkURL(URI.create("http://127.0.0.1:1/keys"))
            .build();
    oidc.assertRejected(token(brought, OTHER, oidc.claims().build()), "signature is invalid");
  }

  @ParameterizedTest
  @ValueSource(strings = {"JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"})
  void tokenWithAcceptedTypeIsAccepted(String type) throws Exception {
    assertThat(oidc.acceptedCaller(tokenOfType(type)).id()).isEqualTo("user-1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"logout+jwt", "dpop+jwt", "application/logout+jwt", "secevent+jwt", "JOSE", ""})
  void tokenOfAnotherTypeIsRejected(String type) throws Exception {
    oidc.assertRejected(tokenOfType(type), "type (typ) must be");
  }

  private String tokenOfType(String type) throws Exception {
    JWSHeader header =
        new JWSHeader.Builder(JWSAlgorithm.RS256)
            .keyID("rsa")
            .type(new JOSEObjectType(type))
            .build();
    return token(header, RSA, oidc.claims().build());
  }

  @Test
  void criticalExtensionIsRejected() throws Exception {
    JWSHeader critical =
        new JWSHeader.Builder(JWSAlgorithm.RS256)
            .keyID("rsa")
            .criticalParams(Set.of("exp"))
            .customParam("exp", 1)
            .build();
    oidc.assertRejected(token(critical, RSA, oidc.claims().build()), "extension (crit)");
  }

  @Test
  void modifiedTokenIsRejected() throws Exception {
    String[] parts = oidc.validToken().split("\\.", -1);
    String[] other = oidc.signedToken(it -> it.subject("admin")).split("\\.", -1);
    oidc.assertRejected(parts[0] + "." + other[1] + "." + parts[2], "signature is invalid");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "agl_key_x", "a.b", "a.b.c.d", "a.b.c", "..", "e30.e30.e30", "\u00e9"})
  void malformedTokenIsRejectedWithoutARequest(String text) {
    oidc.assertRejected(text, "nor a signed token");
    assertThat(oidc.provider.requestCount()).isZero();
  }

  @Test
  void oversizedTokenIsRejectedWithoutARequest() throws Exception {
    oidc.assertRejected(
        oidc.signedToken(it -> it.claim("more", "x".repeat(9000))), "nor a signed token");
    assertThat(oidc.provider.requestCount()).isZero();
  }

  @Test
  void keysForOtherUsesAreIgnored() throws Exception {
    RSAKey encrypts = new RSAKey.Builder(RSA).keyID("enc").keyUse(KeyUse.ENCRYPTION).build();
    RSAKey bound = new RSAKey.Builder(RSA).keyID("ps").algorithm(JWSAlgorithm.PS256).build();
    oidc.provider.publish(encrypts, bound, LARGER);
    for (JWK key : List.of(encrypts, bound, LARGER)) {
      String signed =
          token(
              new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(),
              RSA,
              oidc.claims().build());
      oidc.assertRejected(signed, "does not publish");
    }
  }

  @Test
  void tokenWithoutKeyIdIsVerifiedWithEveryKey() throws Exception {
    JWSHeader nameless = new JWSHeader.Builder(JWSAlgorithm.RS256).build();
    assertThat(oidc.acceptedCaller(token(nameless, RSA, oidc.claims().build())).id())
        .isEqualTo("user-1");
    oidc.assertRejected(token(nameless, OTHER, oidc.claims().build()), "signature is invalid");
  }

  @Test
  void verifiedTokenIsCachedUntilItExpires() throws Exception {
    Secret token = Secret.of(oidc.signedToken(it -> it.expirationTime(oidc.secondsFromNow(60))));
    assertThat(oidc.authenticator.check(token)).isInstanceOf(AuthenticationResult.Undecided.class);
    oidc.authenticator.verify(token);
    assertThat(oidc.authenticator.check(token)).isInstanceOf(AuthenticationResult.Accepted.class);

    oidc.advance(Duration.ofSeconds(91));
    assertThat(oidc.authenticator.check(token)).isInstanceOf(AuthenticationResult.Undecided.class);
    oidc.assertRejected(token.reveal(), "expired");
  }
}
