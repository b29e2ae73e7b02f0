package dev.agentlab.cli;

import static dev.agentlab.cli.FakeProviders.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyCommandsTest {
  private static final String ID = "0b0e7a3e-6c1c-4a39-9d7e-3f1e5a7f0001";
  private static final String OTHER = "0b0e7a3e-6c1c-4a39-9d7e-3f1e5a7f0002";
  private static final String SECRET = "agl_key_abcdefABCDEF_" + "s".repeat(49);
  private static final String OWN = "agl_key_ownownOWNOWN_" + "o".repeat(49);
  private static final String MODELS = "invoke:model/my own/gpt-*";
  private static final String NAMED = "GET /api/keys?name=ci&page_size=1000&page=1";
  private static final String ROTATE = "POST /api/keys/" + ID + "/rotate";

  private final FakeService service =
      new FakeService()
          .on(
              NAMED,
              200,
              page(keyJson(ID, "active"), keyJson(OTHER, "active").replace("\"ci\"", "\"ci2\"")))
          .on("GET /api/keys?name=" + ID + "&page_size=1000&page=1", 200, page())
          .on("GET /api/keys/" + ID, 200, keyJson(ID, "active"))
          .on("GET /api/keys/self", 200, self("another"))
          .on("POST /api/keys", 201, keyJsonWith("\"key\": \"" + SECRET + "\""))
          .on(
              ROTATE,
              200,
              keyJsonWith(
                  """
                  "key": "%s", "previous_expires_at": "2026-02-02T00:00:00Z"
                  """
                      .formatted(SECRET)))
          .on("DELETE /api/keys/" + ID, 204, "");

  @TempDir private Path folder;

  @AfterEach
  void stop() {
    service.close();
  }

  private static String keyJson(String id, String status) {
    return """
    {"id": "%s", "name": "ci", "type": "key", "prefix": "agl_key_abcdefABCDEF",
     "scopes": ["agents:read", "invoke"], "status": "%s", "created_at": "2026-01-01T00:00:00Z",
     "expires_at": "2999-01-01T00:00:00.123456Z"}
    """
        .formatted(id, status);
  }

  private static String keyJsonWith(String members) {
    return keyJson(ID, "active").strip().replaceFirst("}$", ", " + members + "}");
  }

  private static String self(String id) {
    return """
    {"kind": "key", "id": "%s", "name": "me", "scopes": ["agents:read", "keys:admin"]}
    """
        .formatted(id);
  }

  private static String page(String... keys) {
    return """
    {"data": [%s], "total": %d, "page": 1, "page_size": 20, "total_pages": 1}
    """
        .formatted(String.join(",", keys), keys.length);
  }

  private CommandRun.With onService() {
    return CommandRun.With.service(service).in(folder).environment("AGENT_LAB_KEY", OWN);
  }

  private CommandRun key(String... arguments) {
    return onService()
        .run(Stream.concat(Stream.of("key"), Stream.of(arguments)).toArray(String[]::new));
  }

  @Test
  void createPrintsOnlyKeyToStandardOutput() {
    CommandRun run = key("create", "ci", "--scope", "invoke:helper,agents:read");

    assertThat(run.code()).isZero();
    assertThat(run.out()).isEqualToIgnoringNewLines(SECRET);
    assertThat(run.err())
        .contains("key ci, id " + ID, "expires 2999-01-01T00:00:00Z", "shown only once")
        .doesNotContain(SECRET, OWN);
    assertThat(json(service.requests("POST /api/keys").body()))
        .isEqualTo(json("{\"name\": \"ci\", \"scopes\": [\"invoke:helper\", \"agents:read\"]}"));
    assertThat(service.requests("POST /api/keys").headers()).doesNotContainKey("Idempotency-key");
  }

  @Test
  void scopesOfProvidersAndModelsAreSentAsWritten() {
    key("create", "ci", "--scope", "invoke:provider/openai,proxy:a%2Fb", "--scope", MODELS);

    assertThat(json(service.requests("POST /api/keys").body()).path("scopes"))
        .isEqualTo(
            json("[\"invoke:provider/openai\", \"proxy:a%%2Fb\", \"%s\"]".formatted(MODELS)));
  }

  @Test
  void quietCreatePrintsNoNotes() {
    assertThat(key("create", "ci", "--scope", "invoke", "-q").err()).isEmpty();
    assertThat(key("create", "ci", "--scope", "invoke", "--json").json().path("key").asString())
        .isEqualTo(SECRET);
  }

  @Test
  void allScopesAreThoseOfCaller() {
    key("create", "ci", "--scope", "all", "--scope", "invoke");

    assertThat(json(service.requests("POST /api/keys").body()).path("scopes"))
        .isEqualTo(json("[\"invoke\", \"agents:read\", \"keys:admin\"]"));
  }

  @ParameterizedTest
  @CsvSource({"90d, P90D", "36h, PT36H"})
  void expiryCanBeDuration(String text, Duration span) {
    Instant before = Instant.now().minusSeconds(1);
    key("create", "ci", "--scope", "invoke", "--expires", text);

    String sent = json(service.requests("POST /api/keys").body()).path("expires_at").asString();
    assertThat(Instant.parse(sent)).isBetween(before.plus(span), Instant.now().plus(span));
  }

  @ParameterizedTest
  @CsvSource({
    "2027-01-01, 2027-01-01T00:00:00Z",
    "2027-01-01T12:00:00+02:00, 2027-01-01T10:00:00Z",
  })
  void expiryCanBeTime(String text, String sent) {
    key("create", "ci", "--scope", "invoke", "--expires", text);

    assertThat(json(service.requests("POST /api/keys").body()).path("expires_at").asString())
        .isEqualTo(sent);
  }

  @ParameterizedTest
  @ValueSource(strings = {"soon", "90", "-90d", "2027-13-01", "2027-01-01T12:00"})
  void invalidExpiryIsRejected(String text) {
    CommandRun run = key("create", "ci", "--scope", "invoke", "--expires=" + text);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--expires: must be a time such as 90d", "was \"" + text + "\"");
    assertThat(service.requests()).isEmpty();
  }

  @Test
  void createRequiresScopeAndHelpListsScopes() {
    assertThat(key("create", "ci").code()).isEqualTo(2);
    assertThat(key("create", "--help").out().replaceAll("\\s+", ""))
        .contains(
            "providers:read,providers:write,",
            "keys:admin",
            "invoke:AGENT,invoke:agent/AGENT,invoke:route/ROUTE,invoke:provider/PROVIDER,"
                + "invoke:model/PROVIDER/PATTERN,proxy:PROVIDER,all",
            "/iswritten%2F");
  }

  @Test
  void listShowsScopesAndLastUse() {
    service.on("GET /api/keys?page=1", 200, page(keyJson(ID, "active"), keyJson(OTHER, "revoked")));

    assertThat(key("list").out())
        .startsWith("NAME  STATUS   SCOPES               EXPIRES")
        .contains("ci    revoked  agents:read, invoke  2999-01-01  never      " + OTHER);
    assertThat(key("list", "-q").out()).startsWith("ci  active ");
  }

  @Test
  void agentInScopeIsShownByName() {
    String scoped = keyJson(ID, "active").replace("\"invoke\"", "\"invoke:%s\"".formatted(OTHER));
    service.on("GET /api/keys?page=1", 200, page(scoped));

    service
        .on("GET /api/agents/" + OTHER, 403, "{\"detail\": \"agents:read is needed\"}")
        .on("GET /api/agents/" + OTHER, 200, "{\"name\": \"helper\"}");

    assertThat(key("list").out()).contains("agents:read, invoke:" + OTHER);
    assertThat(key("list").out()).contains("agents:read, invoke:helper ");
    assertThat(key("list", "--json").json().at("/data/0/scopes/1").asString())
        .isEqualTo("invoke:" + OTHER);
  }

  @Test
  void agentWithSlashInItsNameDoesNotLookLikeProvider() {
    service
        .on(
            "GET /api/keys?page=1",
            200,
            page(keyJson(ID, "active").replace("\"invoke\"", "\"invoke:%s\"".formatted(OTHER))))
        .on("GET /api/agents/" + OTHER, 200, "{\"name\": \"provider/openai\"}");

    assertThat(key("list").out()).contains("agents:read, invoke:agent/provider/openai ");
  }

  @Test
  void routeInScopeIsShownByName() {
    String scoped =
        keyJson(ID, "active").replace("\"invoke\"", "\"invoke:route/%s\"".formatted(OTHER));
    service
        .on("GET /api/keys?page=1", 200, page(scoped))
        .on("GET /api/routes/" + OTHER, 403, "{\"detail\": \"routes:read is needed\"}")
        .on("GET /api/routes/" + OTHER, 200, "{\"name\": \"team/smart\"}");

    assertThat(key("list").out()).contains("agents:read, invoke:route/" + OTHER);
    assertThat(key("list").out()).contains("agents:read, invoke:route/team/smart ");
  }

  @Test
  void showPrintsDetailsWithoutSecret() {
    assertThat(key("show", "ci").out())
        .contains("prefix      agl_key_abcdefABCDEF", "scopes      agents:read, invoke");
    assertThat(key("show", ID, "--json").json()).isEqualTo(json(keyJson(ID, "active")));
  }

  @Test
  void sharedNameResolvesToActiveKey() {
    try (FakeService other =
        new FakeService()
            .on(NAMED, 200, page(keyJson(OTHER, "revoked"), keyJson(ID, "active")))
            .on("GET /api/keys/" + ID, 200, keyJson(ID, "active"))) {
      assertThat(CommandRun.With.service(other).in(folder).run("key", "show", "ci").out())
          .contains(ID);
    }
  }

  @Test
  void ambiguousNameIsRejectedWithMatchingKeys() {
    try (FakeService other =
        new FakeService().on(NAMED, 200, page(keyJson(ID, "active"), keyJson(OTHER, "active")))) {
      CommandRun run = CommandRun.With.service(other).in(folder).run("key", "revoke", "ci");

      assertThat(run.code()).isEqualTo(2);
      assertThat(run.err()).contains("multiple keys are named \"ci\"", ID, OTHER);
      assertThat(other.lines()).containsExactly(NAMED);
    }
  }

  @Test
  void rotatePrintsNewKeyAndEndOfOldKey() {
    CommandRun run = key("rotate", "ci", "--overlap", "7d");

    assertThat(run.out()).isEqualToIgnoringNewLines(SECRET);
    assertThat(run.err())
        .contains("the old key remains valid until 2026-02-02T00:00:00Z")
        .doesNotContain("the API key in use", SECRET);
    assertThat(service.requests(ROTATE).body()).isEqualTo("{\"overlap\":\"168h\"}");
    assertThat(key("rotate", "ci", "--overlap", "soon").code()).isEqualTo(2);
  }

  @Test
  void rotatingKeyInUseNotesWhereToReplaceIt() {
    try (FakeService other =
        new FakeService()
            .on(NAMED, 200, page(keyJson(ID, "active")))
            .on("GET /api/keys/self", 200, self(ID))
            .on(ROTATE, 200, keyJsonWith("\"key\": \"" + SECRET + "\""))) {
      CommandRun run =
          CommandRun.With.service(other)
              .in(folder)
              .environment("AGENT_LAB_KEY", OWN)
              .run("key", "rotate", "ci");

      assertThat(run.err())
          .contains("the API key in use: replace it in AGENT_LAB_KEY")
          .contains("the old key is no longer valid");
      assertThat(other.requests(ROTATE).body()).isEqualTo("{}");
    }
  }

  @Test
  void revokeAsksForConfirmationOnlyOnTerminal() {
    CommandRun kept = onService().typing("n").run("key", "revoke", "ci");
    assertThat(kept.code()).isEqualTo(1);
    assertThat(kept.err()).contains("nothing was revoked");
    assertThat(kept.prompts()).containsExactly("Revoke ci (agl_key_abcdefABCDEF)? [y/N] ");
    assertThat(service.lines()).doesNotContain("DELETE /api/keys/" + ID);

    assertThat(onService().typing().run("key", "revoke", "ci", "--yes").code()).isZero();
    assertThat(key("revoke", "ci").out()).isEqualToIgnoringNewLines("revoked ci");
  }

  @Test
  void selfShowsCallerAndSourceOfKey() {
    CommandRun run = key("self");

    assertThat(run.out()).contains("name    me", "scopes  agents:read, keys:admin");
    assertThat(run.err()).contains("authenticated by the key in AGENT_LAB_KEY").doesNotContain(OWN);
  }
}
