package dev.agentlab.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.secrets.Secret;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.Authenticator;
import dev.agentlab.security.Caller;
import dev.agentlab.security.GrantSet;
import dev.agentlab.security.Scope;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Which requests the session cookie authenticates.
class SessionCookieTest {
  private static final String TEXT = "text/plain";
  private static final String COOKIE = "\r\nCookie: agent_lab_session=token";

  /// The origin in the `Host` header of the requests.
  private static final String OWN = "http://localhost";

  private RouteServer server = start(RouteServer.settings());

  private static RouteServer start(HttpSettings settings) {
    return RouteServer.of(
        settings,
        new Authenticators(new Accepting("key"), Optional.of(new Accepting("token"))),
        Route.get("/self", "Self")
            .requires(Scope.AUTHENTICATED)
            .returnsText(200, TEXT)
            .handledBy(SessionCookieTest::self),
        Route.post("/change", "Change")
            .requires(Scope.AUTHENTICATED)
            .returnsText(200, TEXT)
            .handledBy(SessionCookieTest::self),
        Route.get("/page", "Public page")
            .requires(Scope.PUBLIC)
            .returnsText(200, TEXT)
            .handledBy(_ -> Response.text(200, TEXT, "page")),
        Route.post("/open", "Sign in")
            .requires(Scope.PUBLIC)
            .returnsText(200, TEXT)
            .handledBy(request ->
                Response.text(200, TEXT, request.origin())
                    .withHeader(
                        "Set-Cookie",
                        request
                            .cookie(HostCookie.SESSION)
                            .set(Secret.of("new"), Duration.ofHours(1)))));
  }

  private static Response self(Request<Void> request) {
    return Response.text(
        200,
        TEXT,
        request.caller().name()
            + " "
            + request.credential().map(RequestCredential::isSession).orElseThrow());
  }

  /// Accepts one credential.
  private record Accepting(String accepted) implements Authenticator {
    @Override
    public AuthenticationResult check(Secret credential) {
      return credential.reveal().equals(accepted)
          ? new AuthenticationResult.Accepted(
              new Caller(Caller.Kind.KEY, accepted, accepted, GrantSet.NONE))
          : new AuthenticationResult.Refused("unknown");
    }

    @Override
    public AuthenticationResult verify(Secret credential) {
      return check(credential);
    }
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void restart(HttpSettings settings) {
    server.close();
    server = start(settings);
  }

  private RawHttpConnection.RawResponse get(String headers) throws IOException {
    return server.send("GET /self HTTP/1.1" + headers);
  }

  private int post(String headers) throws IOException {
    return server.send("POST /change HTTP/1.1" + headers).status();
  }

  @Test
  void cookieAuthenticatesAndIsFoundAmongOthers() throws IOException {
    assertThat(get(COOKIE).text()).isEqualTo("token true");
    assertThat(get("\r\nCookie: a=b;agent_lab_session=token; c=\"d\"").text())
        .isEqualTo("token true");
    assertThat(get("\r\nCookie: a=b\r\nCookie: agent_lab_session=token").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "agent_lab_session=key",
        "agent_lab_session=",
        "agent_lab_session",
        "Agent_lab_session=token",
        "x_agent_lab_session=token",
        "__Host-agent_lab_session=token",
        "agent_lab_session =token",
        ";;=;"
      })
  void otherCookiesAreIgnored(String cookie) throws IOException {
    assertThat(get("\r\nCookie: " + cookie).status()).isEqualTo(401);
  }

  @Test
  void headerTakesPrecedence() throws IOException {
    assertThat(get(COOKIE + "\r\nX-Api-Key: key").text()).isEqualTo("key false");
    assertThat(get(COOKIE + "\r\nX-Api-Key: token").status()).isEqualTo(401);
    assertThat(post(COOKIE + "\r\nX-Api-Key: key\r\nOrigin: http://other.example")).isEqualTo(200);
  }

  @Test
  void changeOfStateRequiresAPageOfThisService() throws IOException {
    assertThat(post(COOKIE)).isEqualTo(403);
    assertThat(post(COOKIE + "\r\nOrigin: " + OWN)).isEqualTo(200);
    assertThat(post(COOKIE + "\r\nSec-Fetch-Site: same-origin")).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Origin: null",
        "Origin: https://localhost",
        "Origin: http://localhost:3000",
        "Origin: http://localhost.evil.example",
        "Origin: http://127.0.0.1",
        "Sec-Fetch-Site: same-site",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: none",
        "Origin: http://other.example\r\nSec-Fetch-Site: same-site",
        "Origin: http://localhost\r\nSec-Fetch-Site: cross-site"
      })
  void otherPagesCannotChangeState(String headers) throws IOException {
    assertThat(post(COOKIE + "\r\n" + headers)).isEqualTo(403);
  }

  @ParameterizedTest
  @CsvSource({"same-origin, 200", "none, 200", "same-site, 403", "cross-site, 403"})
  void otherPagesCannotRead(String site, int status) throws IOException {
    assertThat(get(COOKIE + "\r\nSec-Fetch-Site: " + site).status()).isEqualTo(status);
    assertThat(get("\r\nX-Api-Key: key\r\nSec-Fetch-Site: " + site).status()).isEqualTo(200);
    assertThat(server.send("GET /page HTTP/1.1" + COOKIE + "\r\nSec-Fetch-Site: " + site).status())
        .isEqualTo(200);
  }

  @Test
  void originThatCorsAllowsCannotUseTheCookie() throws IOException {
    String page = "http://localhost:3000";
    restart(
        RouteServer.with(
            RouteServer.settings(),
            Optional.of(
                new CorsPolicy(
                    Set.of(page), List.of("GET", "POST"), List.of(), true, Duration.ZERO))));

    assertThat(get(COOKIE + "\r\nOrigin: " + page).status()).isEqualTo(403);
    assertThat(post(COOKIE + "\r\nOrigin: " + page)).isEqualTo(403);
    assertThat(server.send("POST /open HTTP/1.1\r\nOrigin: " + page).status()).isEqualTo(403);
    assertThat(get("\r\nX-Api-Key: key\r\nOrigin: " + page).status()).isEqualTo(200);
  }

  @Test
  void otherPageCannotSignItsVisitorIn() throws IOException {
    assertThat(server.send("POST /open HTTP/1.1\r\nOrigin: http://other.example").status())
        .isEqualTo(403);
    assertThat(server.send("POST /open HTTP/1.1\r\nOrigin: " + OWN).status()).isEqualTo(200);
    assertThat(server.send("POST /open HTTP/1.1").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "http://lab.example, agent_lab_session, ''",
    "https://lab.example, __Host-agent_lab_session, ; Secure"
  })
  void publicUrlIsTheOriginAndDecidesWhetherTheCookieIsSecure(
      String url, String name, String suffix) throws IOException {
    restart(RouteServer.withPublicOrigin(RouteServer.settings(), url));

    RawHttpConnection.RawResponse signedIn = server.send("POST /open HTTP/1.1");
    String cookie = "\r\nCookie: %s=token".formatted(name);

    assertThat(signedIn.text()).isEqualTo(url);
    assertThat(signedIn.header("set-cookie"))
        .isEqualTo(name + "=new; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax" + suffix);
    assertThat(post(cookie + "\r\nOrigin: " + url)).isEqualTo(200);
    assertThat(post(cookie + "\r\nOrigin: " + OWN)).isEqualTo(200);
    assertThat(post(cookie + "\r\nOrigin: http://other.example")).isEqualTo(403);
  }

  @Test
  void hostOfThePublicUrlIsAllowed() throws IOException {
    HttpSettings strict = RouteServer.withAllowedHosts(RouteServer.settings(), List.of());
    restart(RouteServer.withPublicOrigin(strict, "https://lab.example:8443"));

    assertThat(statusFor("lab.example")).isEqualTo(401);
    assertThat(statusFor("other.example")).isEqualTo(421);
    restart(RouteServer.withPublicOrigin(strict, "https://my_lab.example"));
    assertThat(statusFor("my_lab.example")).isEqualTo(401);
  }

  private int statusFor(String host) throws IOException {
    try (RawHttpConnection wire = server.connect()) {
      wire.sendRaw("GET /self HTTP/1.1\r\nHost: %s\r\n\r\n".formatted(host));
      return wire.readResponse().status();
    }
  }

  @Test
  void cookieIsIgnoredWithoutSessions() throws IOException {
    server.close();
    server =
        RouteServer.of(
            RouteServer.settings(),
            new Accepting("key"),
            Route.post("/change", "Change")
                .requires(Scope.AUTHENTICATED)
                .returnsText(200, TEXT)
                .handledBy(SessionCookieTest::self));

    assertThat(post(COOKIE)).isEqualTo(401);
  }
}
