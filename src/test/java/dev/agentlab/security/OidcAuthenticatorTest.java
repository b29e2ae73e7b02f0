package dev.agentlab.security;

import static dev.agentlab.security.FakeIdentityProvider.token;
import static dev.agentlab.security.Realm.EC;
import static dev.agentlab.security.Realm.LARGER;
import static dev.agentlab.security.Realm.OTHER;
import static dev.agentlab.security.Realm.RSA;
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
  private final Realm realm = new Realm();

  @AfterEach
  void stop() throws Exception {
    realm.close();
  }

  @Test
  void eachAlgorithmLetsItsSubjectIn() throws Exception {
    for (JWSAlgorithm algorithm : List.of(JWSAlgorithm.RS256, JWSAlgorithm.PS256)) {
      assertThat(realm.accepted(token(algorithm, RSA, realm.claims().build())).id())
          .isEqualTo("user-1");
    }
    Caller caller = realm.accepted(token(JWSAlgorithm.ES256, EC, realm.claims().build()));
    assertThat(caller)
        .isEqualTo(
            new Caller(
                Caller.Kind.TOKEN,
                "user-1",
                "user-1",
                Grants.of(Set.of(Grant.of(Scope.AGENTS_READ)))));
  }

  @Test
  void scopesComeAsTextOrAsAListAndOthersMeanNothing() throws Exception {
    UUID agent = UUID.randomUUID();
    Set<Grant> expected = Set.of(Grant.of(Scope.KEYS_ADMIN), Grant.invoking(agent));
    List<Object> spellings =
        List.of(
            "keys:admin  open nonsense invoke:x invoke:" + agent,
            List.of("keys:admin", "invoke:" + agent, "profile", 7, "keys:admin agents:read"));
    for (Object scopes : spellings) {
      Caller caller = realm.accepted(realm.signed(it -> it.claim("scope", scopes)));
      assertThat(caller.grants().all()).isEqualTo(expected);
    }
    assertThat(realm.accepted(realm.signed(it -> it.claim("scope", 5))).grants())
        .isEqualTo(Grants.NONE);
    String other = realm.signed(it -> it.claim("permissions", List.of("audit:read")));
    assertThat(realm.tokens("permissions").verify(Secret.of(other)))
        .isInstanceOfSatisfying(
            AuthenticationResult.Accepted.class,
            it -> assertThat(it.caller().grants().texts()).containsExactly("audit:read"));
  }

  @Test
  void aNameIsForPeople() throws Exception {
    assertThat(realm.accepted(realm.signed(it -> it.claim("email", "a@b.example"))).name())
        .isEqualTo("a@b.example");
    assertThat(
            realm
                .accepted(realm.signed(it -> it.claim("name", "Ann\u0007 " + "x".repeat(500))))
                .name())
        .startsWith("Ann x")
        .hasSizeLessThan(70);
  }

  @Test
  void whatClaimsMustSay() throws Exception {
    realm.assertRefused(realm.signed(it -> it.issuer("https://evil.example")), "issuer (iss)");
    realm.assertRefused(
        realm.signed(it -> it.issuer(realm.provider.issuer() + "/")), "issuer (iss)");
    realm.assertRefused(realm.signed(it -> it.issuer(null)), "issuer (iss)");
    realm.assertRefused(realm.signed(it -> it.audience("other")), "audience (aud)");
    realm.assertRefused(
        realm.signed(it -> it.audience(List.of("other", "labs"))), "audience (aud)");
    realm.assertRefused(realm.signed(it -> it.audience((String) null)), "audience (aud)");
    realm.assertRefused(realm.signed(it -> it.expirationTime(null)), "no expiry (exp)");
    realm.assertRefused(realm.signed(it -> it.subject(null)), "no subject");
    realm.assertRefused(realm.signed(it -> it.subject(" ")), "no subject");
    assertThat(realm.accepted(realm.signed(it -> it.audience(List.of("other", "lab")))).id())
        .isEqualTo("user-1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\0", "a\0b", "a\nb", "\u0085"})
  void aSubjectThatCannotBeRecordedIsRefused(String subject) throws Exception {
    realm.assertRefused(realm.signed(it -> it.subject(subject)), "subject");
  }

  @Test
  void halfOfACharacterIsNeverASubjectNorInAName() throws Exception {
    realm.assertRefused(halved("sub", "user-1"), "unpaired surrogate");
    assertThat(realm.accepted(halved("name", "Ann")).name()).isEqualTo("Ann");
  }

  /// Creates a token with an unpaired surrogate at the end of a claim, which libraries do not
  /// write.
  private String halved(String claim, String text) throws Exception {
    String claims = realm.claims().claim(claim, text).build().toString();
    JWSObject token =
        new JWSObject(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("rsa").build(),
            new Payload(claims.replace("\"" + text + "\"", "\"" + text + "\\ud800\"")));
    token.sign(new RSASSASigner(RSA));
    return token.serialize();
  }

  @Test
  void aSubjectHasAtMostTwoHundredCharacters() throws Exception {
    realm.assertRefused(realm.signed(it -> it.subject("x".repeat(201))), "at most 200 characters");
    for (String subject : List.of("x".repeat(200), "\ud83d\ude00".repeat(200), "Zoë|\u200d")) {
      assertThat(realm.accepted(realm.signed(it -> it.subject(subject))).id()).isEqualTo(subject);
    }
  }

  @Test
  void anOddNameIsMadeFitToBeRecorded() throws Exception {
    assertThat(realm.accepted(realm.signed(it -> it.claim("name", "A\0nn\u0007 B"))).name())
        .isEqualTo("Ann B");
    assertThat(realm.accepted(realm.signed(it -> it.claim("name", "\0\u0007"))).name())
        .isEqualTo("user-1");
  }

  @Test
  void clocksMayDifferALittle() throws Exception {
    assertThat(realm.accepted(realm.signed(it -> it.expirationTime(realm.at(-29)))).id())
        .isEqualTo("user-1");
    realm.assertRefused(realm.signed(it -> it.expirationTime(realm.at(-31))), "expired");
    assertThat(realm.accepted(realm.signed(it -> it.notBeforeTime(realm.at(29)))).id())
        .isEqualTo("user-1");
    realm.assertRefused(realm.signed(it -> it.notBeforeTime(realm.at(31))), "not valid yet");
  }

  @Test
  void noOtherAlgorithmCounts() throws Exception {
    realm.assertRefused(new PlainJWT(realm.claims().build()).serialize(), "nor a signed token");
    realm.assertRefused(
        new PlainJWT(realm.claims().build()).serialize() + "YQ", "nor a signed token");
    for (JWSAlgorithm algorithm : List.of(JWSAlgorithm.RS512, JWSAlgorithm.PS384)) {
      realm.assertRefused(
          token(algorithm, RSA, realm.claims().build()), "must be signed with RS256");
    }
  }

  @Test
  void aPublicKeyIsNoSharedSecret() throws Exception {
    for (byte[] secret :
        List.of(
            RSA.toRSAPublicKey().getEncoded(),
            RSA.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8))) {
      SignedJWT forged =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("rsa").build(),
              realm.claims().build());
      forged.sign(new MACSigner(secret));
      realm.assertRefused(forged.serialize(), "must be signed with RS256");
    }
  }

  @Test
  void aKeyOfAnotherKindIsNotTried() throws Exception {
    realm.assertRefused(
        token(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("ec").build(),
            OTHER,
            realm.claims().build()),
        "does not publish");
  }

  @Test
  void keysThatTheTokenBringsAreIgnored() throws Exception {
    JWSHeader brought =
        new JWSHeader.Builder(JWSAlgorithm.RS256)
            .keyID("rsa")
            .jwk(OTHER.toPublicJWK())
            .jwkURL(URI.create("http://127.0.0.1:1/keys"))
            .build();
    realm.assertRefused(token(brought, OTHER, realm.claims().build()), "signature is invalid");
  }

  @ParameterizedTest
  @ValueSource(strings = {"JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"})
  void aTokenMaySayThatItIsAnAccessToken(String type) throws Exception {
    assertThat(realm.accepted(typed(type)).id()).isEqualTo("user-1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"logout+jwt", "dpop+jwt", "application/logout+jwt", "secevent+jwt", "JOSE", ""})
  void aTokenOfAnotherKindIsRefused(String type) throws Exception {
    realm.assertRefused(typed(type), "type (typ) must be");
  }

  private String typed(String type) throws Exception {
    JWSHeader header =
        new JWSHeader.Builder(JWSAlgorithm.RS256)
            .keyID("rsa")
            .type(new JOSEObjectType(type))
            .build();
    return token(header, RSA, realm.claims().build());
  }

  @Test
  void extensionsThatMustBeUnderstoodAreNot() throws Exception {
    JWSHeader critical =
        new JWSHeader.Builder(JWSAlgorithm.RS256)
            .keyID("rsa")
            .criticalParams(Set.of("exp"))
            .customParam("exp", 1)
            .build();
    realm.assertRefused(token(critical, RSA, realm.claims().build()), "extension (crit)");
  }

  @Test
  void aChangedTokenIsRefused() throws Exception {
    String[] parts = realm.good().split("\\.", -1);
    String[] other = realm.signed(it -> it.subject("admin")).split("\\.", -1);
    realm.assertRefused(parts[0] + "." + other[1] + "." + parts[2], "signature is invalid");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "agl_key_x", "a.b", "a.b.c.d", "a.b.c", "..", "e30.e30.e30", "\u00e9"})
  void whatIsNoTokenAsksNobody(String text) {
    realm.assertRefused(text, "nor a signed token");
    assertThat(realm.provider.asked()).isZero();
  }

  @Test
  void aLongTokenIsNotLookedAt() throws Exception {
    realm.assertRefused(
        realm.signed(it -> it.claim("more", "x".repeat(9000))), "nor a signed token");
    assertThat(realm.provider.asked()).isZero();
  }

  @Test
  void keysForOtherUsesDoNotCount() throws Exception {
    RSAKey encrypts = new RSAKey.Builder(RSA).keyID("enc").keyUse(KeyUse.ENCRYPTION).build();
    RSAKey bound = new RSAKey.Builder(RSA).keyID("ps").algorithm(JWSAlgorithm.PS256).build();
    realm.provider.publish(encrypts, bound, LARGER);
    for (JWK key : List.of(encrypts, bound, LARGER)) {
      String signed =
          token(
              new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(),
              RSA,
              realm.claims().build());
      realm.assertRefused(signed, "does not publish");
    }
  }

  @Test
  void aTokenThatNamesNoKeyIsTriedWithAll() throws Exception {
    JWSHeader nameless = new JWSHeader.Builder(JWSAlgorithm.RS256).build();
    assertThat(realm.accepted(token(nameless, RSA, realm.claims().build())).id())
        .isEqualTo("user-1");
    realm.assertRefused(token(nameless, OTHER, realm.claims().build()), "signature is invalid");
  }

  @Test
  void aVerifiedTokenIsRememberedUntilItExpires() throws Exception {
    Secret token = Secret.of(realm.signed(it -> it.expirationTime(realm.at(60))));
    assertThat(realm.tokens.check(token)).isInstanceOf(AuthenticationResult.Undecided.class);
    realm.tokens.verify(token);
    assertThat(realm.tokens.check(token)).isInstanceOf(AuthenticationResult.Accepted.class);

    realm.pass(Duration.ofSeconds(91));
    assertThat(realm.tokens.check(token)).isInstanceOf(AuthenticationResult.Undecided.class);
    realm.assertRefused(token.reveal(), "expired");
  }
}
