package dev.agentlab.sessions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;

/// A browser with the session cookie of one sign-in.
///
/// @param cookie the header `Cookie`
record Browser(TestServer server, String cookie) {
  static final String COOKIE_NAME = "agent_lab_session";

  /// Signs in on a page of the service.
  static Browser signIn(TestServer server, String key) {
    return from(server, post(server, "{\"key\": \"%s\"}".formatted(key)));
  }

  /// The browser that received a response.
  static Browser from(TestServer server, Answer signedIn) {
    assertThat(signedIn.status()).as(signedIn.text()).isEqualTo(201);
    String cookie = signedIn.header("Set-Cookie");
    return new Browser(server, cookie.substring(0, cookie.indexOf(';')));
  }

  static Answer post(TestServer server, String body) {
    return server.client().withoutKey().post("/api/session", body);
  }

  /// The same browser on another replica.
  Browser on(TestServer other) {
    return new Browser(other, cookie);
  }

  private TestClient client() {
    return server.client().withoutKey();
  }

  String token() {
    return cookie.substring(cookie.indexOf('=') + 1);
  }

  Answer get(String path) {
    return client().get(path, "Cookie", cookie);
  }

  int status() {
    return get("/api/session").status();
  }

  Answer post(String path, String body) {
    return client().post(path, body, "Cookie", cookie, "Origin", server.url().toString());
  }

  Answer signOut() {
    return client().delete("/api/session", "Cookie", cookie, "Origin", server.url().toString());
  }
}
