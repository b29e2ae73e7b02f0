package dev.agentlab.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Which credential the program sends to which service, and its errors if it is rejected.
class ClientCredentialTest {
  private static final String LIST = "GET /api/providers?page=1";
  private static final String EMPTY = "{\"data\": [], \"total\": 0}";
  private static final String FILE_KEY = key("key", "f");
  private static final String VARIABLE_KEY = key("key", "v");
  private static final String ADMIN_KEY = key("admin", "a");

  private final FakeService service = new FakeService();

  @TempDir private Path folder;

  @AfterEach
  void stop() {
    service.close();
  }

  private static String key(String type, String letter) {
    return "agl_%s_abcdefABCDEF_%s".formatted(type, letter.repeat(49));
  }

  private CommandRun.With here() {
    return CommandRun.With.service(service).in(folder);
  }

  private void adminKey(String text) throws IOException {
    Files.createDirectories(folder.resolve("data"));
    Files.writeString(folder.resolve("data/admin.key"), text);
  }

  private String shown() {
    return service.asked().getLast().header("Authorization");
  }

  @Test
  void fileComesBeforeTheVariableAndTheVariableBeforeTheAdminKey() throws IOException {
    service.on(LIST, 200, EMPTY);
    String[] list = {"provider", "list"};

    here().run(list);
    assertThat(shown()).isEmpty();

    adminKey(ADMIN_KEY + "\n");
    assertThat(here().run(list).code()).isZero();
    assertThat(shown()).isEqualTo("Bearer " + ADMIN_KEY);

    here().environment("AGENT_LAB_KEY", " " + VARIABLE_KEY + "\n").run(list);
    assertThat(shown()).isEqualTo("Bearer " + VARIABLE_KEY);

    Files.writeString(folder.resolve("my.key"), FILE_KEY + "\r\n");
    here()
        .environment("AGENT_LAB_KEY", VARIABLE_KEY)
        .run("--key-file", "my.key", "provider", "list");
    assertThat(shown()).isEqualTo("Bearer " + FILE_KEY);
  }

  @Test
  void tokenOfAnIdentityProviderIsAKeyToo() {
    service.on(LIST, 200, EMPTY);

    here().environment("AGENT_LAB_KEY", "eyJhbGci.eyJzdWIi.c2ln-_").run("provider", "list");

    assertThat(shown()).isEqualTo("Bearer eyJhbGci.eyJzdWIi.c2ln-_");
  }

  @Test
  void streamsShowTheKeyAndHealthChecksDoNot() {
    try (FakeService agents = FakeAgents.service().on("GET /healthz", 200, "OK")) {
      CommandRun.With with =
          CommandRun.With.service(agents).in(folder).environment("AGENT_LAB_KEY", VARIABLE_KEY);
      with.run("agent", "chat", "helper", "Hello");
      with.run("doctor");

      assertThat(agents.asked(FakeAgents.STREAM).header("Authorization"))
          .isEqualTo("Bearer " + VARIABLE_KEY);
      assertThat(agents.asked("GET /healthz").headers()).doesNotContainKey("Authorization");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://lab.example.org",
        "http://lab.example.org:8080",
        "https://192.0.2.1",
        "https://localhost.example.org",
      })
  void adminKeyIsShownToNoOtherMachine(String url) throws IOException {
    adminKey(ADMIN_KEY);

    assertThat(search().forServiceAt(ServiceAddress.given(url)))
        .isInstanceOfSatisfying(
            ClientCredential.Missing.class,
            missing -> assertThat(missing.why()).contains("is not sent to another machine", "AGENT_LAB_KEY"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://localhost:1", "http://127.0.0.9:1", "https://[::1]:1", "http://LOCALHOST"})
  void adminKeyIsShownOnThisMachine(String url) throws IOException {
    adminKey(ADMIN_KEY);

    assertThat(search().forServiceAt(ServiceAddress.given(url)))
        .isInstanceOf(ClientCredential.Shown.class);
  }

  @Test
  void adminKeyIsNotShownToAnotherUserOfThisMachine() throws IOException {
    adminKey(ADMIN_KEY);
    Integer owner = (Integer) Files.getAttribute(folder.resolve("data/admin.key"), "unix:uid");
    ServiceAddress address = ServiceAddress.given("http://localhost:8080");

    assertThat(search(listening(owner, 0)).forServiceAt(address))
        .isInstanceOf(ClientCredential.Shown.class);
    assertThatThrownBy(() -> search(listening(owner, 65534)).forServiceAt(address))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("is not sent to http://localhost:8080: user 65534, who does not own the key,")
        .hasMessageNotContaining(ADMIN_KEY);
    // With TLS the certificate authenticates the service.
    assertThat(
            search(listening(65534)).forServiceAt(ServiceAddress.given("https://localhost:8080")))
        .isInstanceOf(ClientCredential.Shown.class);
  }

  /// The socket table of Linux if these users listen on port 8080.
  private Listeners listening(int... users) throws IOException {
    StringBuilder table = new StringBuilder();
    for (int user : users) {
      table.append("0: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 %d 0 1\n".formatted(user));
    }
    return new Listeners(List.of(Files.writeString(folder.resolve("tcp"), table)));
  }

  /// No machine has a documentation address (RFC 5737).
  @Test
  void configuredAddressOfAnotherMachineIsNotThisOne() {
    assertThat(ServiceAddress.configured("http", "192.0.2.1", 1).isHere()).isFalse();
    assertThat(ServiceAddress.configured("http", "0.0.0.0", 1).isHere()).isTrue();
    assertThat(ServiceAddress.configured("http", "localhost", 1).isHere()).isTrue();
  }

  private CredentialSearch search() {
    return search(new Listeners(List.of()));
  }

  private LaunchContext surroundings(Map<String, String> environment) {
    PrintWriter discard = new PrintWriter(Writer.nullWriter());
    Terminal terminal =
        new Terminal(discard, discard, InputStream.nullInputStream(), Optional.empty(), false);
    return new LaunchContext(environment, folder, folder, terminal);
  }

  private CredentialSearch search(Listeners listeners) {
    return new CredentialSearch(
        surroundings(Map.of()), Optional.empty(), () -> folder.resolve("data"), listeners);
  }

  @Test
  void configurationInTheCurrentFolderLeadsNoKeyElsewhere() throws IOException {
    int port = URI.create(service.url()).getPort();
    Files.writeString(
        folder.resolve("config.toml"),
        "data_dir = 'elsewhere'\nserver = { host = '127.0.0.1', port = %d }".formatted(port));
    CommandRun.With with =
        CommandRun.With.directory(folder).environment("AGENT_LAB_KEY", VARIABLE_KEY);

    with.run("provider", "list");
    assertThat(service.asked()).isEmpty();

    with.run("provider", "list", "--config", ".");
    assertThat(shown()).isEqualTo("Bearer " + VARIABLE_KEY);
  }

  @Test
  void clientWithoutOptionsCallsTheDefaultAddress() throws IOException {
    Files.writeString(folder.resolve("config.toml"), "server.port = 'broken'");
    try (CommandContext session = new CommandContext(surroundings(Map.of("SERVER_PORT", "9999")));
        ApiClient api = session.api()) {
      assertThat(api.base()).hasToString("http://127.0.0.1:8080");
      assertThat(api.credential())
          .isInstanceOfSatisfying(
              ClientCredential.Missing.class,
              missing ->
                  assertThat(missing.why())
                      .contains("--key-file", "AGENT_LAB_KEY")
                      .contains(folder.resolve("data/admin.key").toString()));
    }
  }

  @Test
  void keyIsNotSentInClearToAnotherMachine() {
    CommandRun.With with = CommandRun.With.directory(folder);

    CommandRun run =
        with.environment("AGENT_LAB_KEY", VARIABLE_KEY)
            .run("provider", "list", "--url", "http://192.0.2.1:1");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("AGENT_LAB_KEY is not sent to http://192.0.2.1:1", "--allow-plain-http")
        .doesNotContain(VARIABLE_KEY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "hunter2", "agl_key_abcdefABCDEF_short", "a b.c.d", "agl_key_\nx"})
  void fileWithoutAKeyIsNamedAndNotQuoted(String text) throws IOException {
    Files.writeString(folder.resolve("my.key"), text);

    CommandRun run = here().run("provider", "list", "--key-file", "my.key");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains(folder.resolve("my.key") + " does not contain a key");
    if (!text.isEmpty()) {
      assertThat(run.err()).doesNotContain(text);
    }
    assertThat(service.asked()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "hunter2hunter2, does not begin with agl_",
    "agl_key_abcdefABCDEF_short, begins with agl_ but is incomplete",
    "AGL_key_abcdefABCDEF_short, does not begin with agl_",
    "two words, does not begin with agl_",
  })
  void textThatIsNoKeyIsRefusedWithTheReason(String text, String reason) {
    CommandRun run = here().environment("AGENT_LAB_KEY", text).run("provider", "list");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("AGENT_LAB_KEY does not contain a key: ", reason);
    assertThat(run.err()).doesNotContain(text);
    assertThat(service.asked()).isEmpty();
  }

  @Test
  void absentFileAndFolderAreErrors() {
    assertThat(here().run("provider", "list", "--key-file", "absent").err())
        .contains("--key-file: %s does not exist".formatted(folder.resolve("absent")));
    assertThat(here().run("provider", "list", "--key-file", ".").err())
        .contains("--key-file: " + folder.resolve("."), "cannot be read");
  }

  @Test
  void keyInPlaceOfItsFileIsRefusedAndNotRepeated() {
    assertThat(
            Stream.of(
                here().run("provider", "list", "--key-file", FILE_KEY),
                here().run("provider", "list", "--key", FILE_KEY),
                here().run("provider", "show", FILE_KEY)))
        .allSatisfy(run -> {
          assertThat(run.code()).isNotZero();
          assertThat(run.out() + run.err()).doesNotContain(FILE_KEY);
        });
    assertThat(here().run("provider", "list", "--key-file", FILE_KEY).err())
        .contains("not the key itself");
  }

  @Test
  void withoutAKeyTheAnswerSaysWhereItWasLookedFor() {
    service.on(LIST, 401, "{\"detail\": \"give an API key\"}");

    CommandRun run = here().run("provider", "list");

    assertThat(run.code()).isEqualTo(7);
    assertThat(run.err())
        .contains("give an API key", "--key-file", "AGENT_LAB_KEY")
        .contains(folder.resolve("data/admin.key").toString());
  }

  @ParameterizedTest
  @CsvSource({"true, AGENT_LAB_KEY", "false, admin.key"})
  void keyThatIsNotAcceptedIsNamedByItsPlace(boolean variable, String place) throws IOException {
    service.on(LIST, 401, "{\"detail\": \"the key is not known\"}");
    adminKey(ADMIN_KEY);
    CommandRun.With with = variable ? here().environment("AGENT_LAB_KEY", VARIABLE_KEY) : here();

    CommandRun run = with.run("provider", "list");

    assertThat(run.code()).isEqualTo(7);
    assertThat(run.err()).containsPattern("the key in \\S*" + place + " was rejected");
  }

  @Test
  void keyThatIsTooNarrowIsToldTheScope() {
    service.on(LIST, 403, "{\"detail\": \"this needs the scope providers:read\"}");

    CommandRun run = here().environment("AGENT_LAB_KEY", VARIABLE_KEY).run("provider", "list");

    assertThat(run.code()).isEqualTo(7);
    assertThat(run.err())
        .contains("providers:read", "the key in AGENT_LAB_KEY lacks the required scope", "key self");
  }

  @Test
  void keyAppearsInNoOutput() throws IOException {
    adminKey(ADMIN_KEY);
    String echo = "{\"detail\": \"no %1$s\", \"error\": \"%1$s\"}".formatted(ADMIN_KEY);
    for (int status : new int[] {401, 403, 404, 500}) {
      try (FakeService talkative = new FakeService().on(LIST, status, echo)) {
        CommandRun.With with =
            CommandRun.With.service(talkative).in(folder).environment("AGENT_LAB_DEBUG", "1");
        for (CommandRun run :
            new CommandRun[] {
              with.run("provider", "list"),
              with.run("provider", "list", "--json"),
              with.run("doctor"),
              with.run("config"),
              with.run("key", "self"),
            }) {
          assertThat(run.out() + run.err()).doesNotContain(ADMIN_KEY);
        }
        assertThat(talkative.asked().getFirst().header("Authorization"))
            .isEqualTo("Bearer " + ADMIN_KEY);
      }
    }
  }
}
