package dev.agentlab.sessions;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.secrets.Secret;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.JwtVerifier;
import dev.agentlab.security.KeyReference;
import dev.agentlab.security.KeyVerifier;
import dev.agentlab.security.OidcClient;
import dev.agentlab.security.OidcClientSettings;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.Await;
import dev.agentlab.upstream.EgressPolicy;
import dev.agentlab.upstream.Resolver;
import dev.agentlab.upstream.UpstreamClient;
import dev.agentlab.vault.TestVault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Signing in at an identity provider, on two replicas.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OidcSignInIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final SignInProvider provider = new SignInProvider();
  private final DatabaseSettings settings = TestPostgres.migratedDatabase();
  private final TestServer here = server("one");
  private final TestServer elsewhere = server("one");

  private TestServer server(String name) {
    return new TestServer(
        settings,
        Path.of("target", "data", ProcessHandle.current().pid() + "-oidc-" + name),
        Map.of(
            "SECRETS_KEY",
            TestVault.KEY.reveal(),
            "AUTH_OIDC_ISSUER",
            provider.issuer(),
            "AUTH_OIDC_AUDIENCE",
            "lab",
            "AUTH_OIDC_CLIENT_ID",
            SignInProvider.CLIENT_ID,
            "AUTH_OIDC_CLIENT_SECRET",
            SignInProvider.CLIENT_SECRET,
            // Both replicas are behind one address.
            "SERVER_PUBLIC_URL",
            "http://localhost:18100"));
  }

  @BeforeAll
  void start() {
    here.start();
    elsewhere.start();
  }

  @AfterAll
  void stop() throws Exception {
    here.stop();
    elsewhere.stop();
    provider.close();
  }

  @BeforeEach
  void reset() {
    provider.setScopes("agents:read");
    provider.setGivesRefreshTokens(false);
    provider.setAvailable(true);
    provider.setKeysAvailable(true);
    provider.setConfirmsRights(true);
  }

  /// A browser on its way to the identity provider.
  private record Departed(URI page, String cookie) {}

  private Departed depart(String query) {
    Answer answer = here.client().withoutKey().get("/api/sign-in/oidc" + query);
    assertThat(answer.status()).as(answer.text()).isEqualTo(302);
    String cookie = answer.header("Set-Cookie");
    assertThat(cookie).contains("agent_lab_sign_in=", "; HttpOnly; SameSite=Lax", "; Max-Age=600;");
    return new Departed(
        URI.create(answer.header("Location")), cookie.substring(0, cookie.indexOf(';')));
  }

  private static Answer comeBack(TestServer server, String query, String cookie) {
    return server
        .client()
        .withoutKey()
        .get("/api/sign-in/oidc/callback?" + query, "Cookie", cookie);
  }

  private Browser signIn() {
    Departed departed = depart("");
    return browser(comeBack(here, provider.signIn(departed.page()), departed.cookie()));
  }

  private Browser browser(Answer cameBack) {
    assertThat(cameBack.header("Location")).doesNotContain("error");
    String cookie = cameBack.header("Set-Cookie");
    return new Browser(here, cookie.substring(0, cookie.indexOf(';')));
  }

  private static void assertFailed(Answer answer, String code) {
    assertThat(answer.status()).isEqualTo(302);
    assertThat(answer.header("Location")).isEqualTo("/sign-in?error=" + code);
    assertThat(answer.header("Set-Cookie")).startsWith("agent_lab_sign_in=; ");
  }

  @Test
  void methodsNameTheIdentityProvider() {
    assertThat(here.client().withoutKey().get("/api/sign-in").text())
        .isEqualTo("{\"oidc\":{\"issuer\":\"%s\"}}".formatted(provider.issuer()));
  }

  @Test
  void userSignsInAndReturnsToAnotherReplica() {
    Departed departed = depart("?return_to=/agents%3Fpage=2");
    Answer cameBack = comeBack(elsewhere, provider.signIn(departed.page()), departed.cookie());

    assertThat(cameBack.status()).isEqualTo(302);
    assertThat(cameBack.header("Location")).isEqualTo("/agents?page=2");
    Browser browser = browser(cameBack).on(elsewhere);
    JsonNode session = browser.get("/api/session").json();
    assertThat(session.get("caller").toString())
        .isEqualTo(
            "{\"kind\":\"token\",\"id\":\"user-1\",\"name\":\"Ada\",\"scopes\":[\"agents:read\"]}");
    assertThat(browser.get("/api/agents").status()).isEqualTo(200);
    assertThat(browser.get("/api/keys").status()).isEqualTo(403);
    // Without a refresh token it ends with the ID token.
    assertThat(Duration.between(Instant.now(), Instant.parse(session.get("expires_at").asString())))
        .isLessThan(Duration.ofMinutes(6));
    Await.value(200, browser.on(here)::status);
    assertThat(browser.signOut().status()).isEqualTo(204);
    assertThat(browser.status()).isEqualTo(401);
  }

  @Test
  void userCannotMakeSignInLinks() {
    Answer answer = signIn().post("/api/session/links", "");

    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.text()).contains("API key");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://evil.example",
        "//evil.example",
        "%2F%2Fevil.example",
        "/%5Cevil.example",
        "%5C%5Cevil.example",
        "agents",
        "",
        "/a%0D%0ASet-Cookie:%20a=b",
        "/%09/evil.example"
      })
  void otherOriginIsNoPathToReturnTo(String path) {
    assertThat(here.client().withoutKey().get("/api/sign-in/oidc?return_to=" + path).status())
        .isEqualTo(400);
  }

  @Test
  void codeIsAcceptedOnlyFromTheBrowserThatAskedForIt() {
    Departed mine = depart("");
    Departed other = depart("");
    String query = provider.signIn(mine.page());

    assertFailed(comeBack(here, query, other.cookie()), "oidc_expired");
    assertFailed(comeBack(here, query, "a=b"), "oidc_expired");
    assertFailed(comeBack(here, query, mine.cookie() + "A"), "oidc_expired");
    assertFailed(comeBack(here, query.replace("state=", "state=x"), mine.cookie()), "oidc_expired");
    assertThat(browser(comeBack(here, query, mine.cookie())).status()).isEqualTo(200);
    assertFailed(comeBack(here, query, mine.cookie()), "oidc_failed");
  }

  @Test
  void failuresOfTheIdentityProviderHaveCodes() {
    Departed departed = depart("");
    String state = provider.signIn(departed.page()).replaceAll("code=[^&]*&(state=[^&]*).*", "$1");

    assertFailed(comeBack(here, state + "&error=access_denied", departed.cookie()), "oidc_denied");
    assertFailed(comeBack(here, state + "&error=server_error", departed.cookie()), "oidc_failed");
    assertFailed(comeBack(here, state + "&code=unknown", departed.cookie()), "oidc_failed");
    provider.setScopes("openid of:another");
    assertFailed(
        comeBack(here, provider.signIn(departed.page()), departed.cookie()), "oidc_no_access");
    provider.setAvailable(false);
    assertFailed(comeBack(here, state + "&code=any", departed.cookie()), "oidc_failed");
  }

  @Test
  void idTokenThatDoesNotProveTheUserIsRejected() {
    List<UnaryOperator<JWTClaimsSet.Builder>> changes =
        List.of(
            it -> it.claim("nonce", "of another sign-in"),
            it -> it.claim("nonce", null),
            it -> it.audience("lab"),
            it -> it.audience(List.of(SignInProvider.CLIENT_ID, "lab")),
            it -> it.claim("azp", "lab"),
            it -> it.issuer("https://other.example"),
            it -> it.expirationTime(Date.from(Instant.now().minusSeconds(60))),
            it -> it.subject(""));
    for (UnaryOperator<JWTClaimsSet.Builder> change : changes) {
      provider.setClaims(change);
      Departed departed = depart("");
      assertFailed(
          comeBack(here, provider.signIn(departed.page()), departed.cookie()), "oidc_failed");
    }
  }

  @Test
  void refreshTokenIsEncryptedWithAKeyThatEndsWithItsSession() {
    provider.setGivesRefreshTokens(true);
    Browser browser = signIn();
    String token = provider.lastRefreshToken();

    assertThat(here.dump().toString()).doesNotContain(token, browser.token());
    assertThat(here.dump().get("public.data_keys")).contains("sessions");
    browser.signOut();
    here.execute("DELETE FROM sessions");
    assertThat(here.dump().get("public.data_keys")).doesNotContain("sessions");
  }

  @Test
  void rightsAreRefreshedUntilTheIdentityProviderRefuses() {
    provider.setGivesRefreshTokens(true);
    Secret token = Secret.of(signIn().token());
    try (Replica replica = new Replica()) {
      assertThat(replica.scopes(token)).containsExactly("agents:read");
      int before = provider.refreshes();

      provider.setScopes("agents:read invoke");
      replica.advance(Duration.ofMinutes(3));
      assertThat(replica.scopes(token)).containsExactly("agents:read");
      assertThat(provider.refreshes()).isEqualTo(before);
      replica.advance(Duration.ofMinutes(3));
      assertThat(replica.scopes(token)).containsExactly("agents:read", "invoke");
      assertThat(provider.refreshes()).isEqualTo(before + 1);

      // The new refresh token is used next.
      provider.setScopes("agents:read");
      replica.advance(Duration.ofMinutes(6));
      assertThat(replica.scopes(token)).containsExactly("agents:read");

      provider.revokeRefreshTokens();
      replica.advance(Duration.ofMinutes(6));
      assertThat(replica.authenticator.verify(token))
          .isInstanceOf(AuthenticationResult.Refused.class);
      Await.value(401, new Browser(here, Browser.COOKIE_NAME + "=" + token.reveal())::status);
    }
  }

  @Test
  void rightsRemainForAnHourWithoutTheIdentityProvider() {
    provider.setGivesRefreshTokens(true);
    Secret token = Secret.of(signIn().token());
    try (Replica replica = new Replica()) {
      provider.setAvailable(false);
      replica.advance(Duration.ofMinutes(50));
      assertThat(replica.scopes(token)).containsExactly("agents:read");
      replica.advance(Duration.ofMinutes(11));
      assertThat(replica.authenticator.verify(token))
          .isInstanceOf(AuthenticationResult.Refused.class);

      provider.setAvailable(true);
      replica.advance(Duration.ofMinutes(1));
      assertThat(replica.scopes(token)).containsExactly("agents:read");
    }
  }

  @Test
  void refreshTokenIsReplacedByAResponseWithoutIdToken() {
    provider.setGivesRefreshTokens(true);
    Secret token = Secret.of(signIn().token());
    try (Replica replica = new Replica()) {
      provider.setConfirmsRights(false);
      int before = provider.refreshes();
      replica.advance(Duration.ofMinutes(6));
      assertThat(replica.scopes(token)).containsExactly("agents:read");
      replica.advance(Duration.ofMinutes(6));
      assertThat(replica.scopes(token)).containsExactly("agents:read");
      assertThat(provider.refreshes()).isEqualTo(before + 2);

      replica.advance(Duration.ofMinutes(50));
      assertThat(replica.authenticator.verify(token))
          .isInstanceOf(AuthenticationResult.Refused.class);
    }
  }

  @Test
  void refreshTokenIsReplacedWithoutSigningKeys() {
    provider.setGivesRefreshTokens(true);
    Secret token = Secret.of(signIn().token());
    try (Replica replica = new Replica()) {
      provider.setKeysAvailable(false);
      provider.setScopes("agents:read invoke");
      int before = provider.refreshes();
      replica.advance(Duration.ofMinutes(6));
      assertThat(replica.scopes(token)).containsExactly("agents:read");
      assertThat(provider.refreshes()).isEqualTo(before + 1);
    }
    provider.setKeysAvailable(true);
    try (Replica replica = new Replica()) {
      replica.advance(Duration.ofMinutes(12));
      assertThat(replica.scopes(token)).containsExactly("agents:read", "invoke");
    }
  }

  @Test
  void sessionOfAnotherIdentityProviderIsRefused() {
    Secret token = Secret.of(signIn().token());
    try (Replica replica = new Replica();
        Replica other = new Replica("https://other.example")) {
      assertThat(replica.scopes(token)).containsExactly("agents:read");
      assertThat(other.authenticator.verify(token))
          .isInstanceOf(AuthenticationResult.Refused.class);
    }
  }

  @Test
  void newSignInEndsTheFormerSessionOfTheBrowser() {
    Browser former = signIn();
    Departed departed = depart("");
    String query = provider.signIn(departed.page());

    Browser next =
        browser(comeBack(here, query, "%s; %s".formatted(departed.cookie(), former.cookie())));

    assertThat(next.status()).isEqualTo(200);
    assertThat(former.status()).isEqualTo(401);
  }

  /// The authentication of a further replica, with an adjustable clock.
  private final class Replica implements AutoCloseable {
    private final EventLoops loops = new EventLoops();
    private final Database database = TestPostgres.start(settings);
    private final ChangeFeed changes = new ChangeFeed(database);
    private final UpstreamClient upstream =
        new UpstreamClient(
            loops,
            new EgressPolicy(true, List.of()),
            Resolver.system(),
            TIMEOUT,
            new MemoryBudget(64 << 20));
    private volatile Duration offset = Duration.ZERO;
    private final SessionAuthenticator authenticator;

    Replica() {
      this(provider.issuer());
    }

    Replica(String issuer) {
      authenticator =
          SessionAuthenticator.of(
              database,
              changes,
              TestServer.scopes(),
              TestVault.start(database),
              new NoKeys(),
              Optional.of(
                  new OidcClient(
                      new OidcClientSettings(
                          issuer,
                          "scope",
                          SignInProvider.CLIENT_ID,
                          Optional.of(Secret.of(SignInProvider.CLIENT_SECRET))),
                      TestServer.scopes(),
                      new JwtVerifier(issuer, upstream, Instant::now),
                      upstream,
                      Instant::now)),
              (_, _) -> {},
              () -> Instant.now().plus(offset));
    }

    void advance(Duration time) {
      offset = offset.plus(time);
    }

    List<String> scopes(Secret token) {
      AuthenticationResult result = authenticator.verify(token);
      assertThat(result).isInstanceOf(AuthenticationResult.Accepted.class);
      return ((AuthenticationResult.Accepted) result).caller().grants().texts();
    }

    @Override
    public void close() {
      try {
        changes.stop(TIMEOUT);
        database.stop(TIMEOUT);
        upstream.stop(TIMEOUT);
        loops.stop(TIMEOUT);
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }

  /// The keys of a service that has none.
  private static final class NoKeys implements KeyVerifier {
    @Override
    public Optional<KeyReference> parse(Secret key) {
      return Optional.empty();
    }

    @Override
    public AuthenticationResult check(KeyReference key) {
      return verify(key);
    }

    @Override
    public AuthenticationResult verify(KeyReference key) {
      return new AuthenticationResult.Refused("unknown");
    }
  }
}
