package dev.agentlab.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.Inet4Address;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
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

  private CommandRun.With inFolder() {
    return CommandRun.With.service(service).in(folder);
  }

  private void writeAdminKey(String text) throws IOException {
    Files.createDirectories(folder.resolve("data"));
    Files.writeString(folder.resolve("data/admin.key"), text);
  }

  private String sentCredential() {
    return service.requests().getLast().header("Authorization");
  }

  @Test
  void keyFilePrecedesVariableAndVariableAdminKey() throws IOException {
    service.on(LIST, 200, EMPTY);
    String[] list = {"provider", "list"};

    inFolder().run(list);
    assertThat(sentCredential()).isEmpty();

    writeAdminKey(ADMIN_KEY + "\n");
    assertThat(inFolder().run(list).code()).isZero();
    assertThat(sentCredential()).isEqualTo("Bearer " + ADMIN_KEY);

    inFolder().environment("AGENT_LAB_KEY", " " + VARIABLE_KEY + "\n").run(list);
    assertThat(sentCredential()).isEqualTo("Bearer " + VARIABLE_KEY);

    Files.writeString(folder.resolve("my.key"), FILE_KEY + "\r\n");
    inFolder()
        .environment("AGENT_LAB_KEY", VARIABLE_KEY)
        .run("--key-file", "my.key", "provider", "list");
    assertThat(sentCredential()).isEqualTo("Bearer " + FILE_KEY);
  }

  @Test
  void adminKeyIsFoundInTheDataFolderOfTheService() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Path data = Files.createDirectory(folder.resolve("other data"));
    writeAdminKey(ADMIN_KEY);
    Files.writeString(data.resolve("admin.key"), FILE_KEY);

    assertThat(foundIn(elsewhere, Map.of())).isEqualTo(folder.resolve("data/admin.key"));
    assertThat(foundIn(elsewhere, Map.of("SERVICE_DATA_DIR", data.toString())))
        .isEqualTo(data.resolve("admin.key"));
    assertThat(foundIn(folder, Map.of("SERVICE_DATA_DIR", "other data")))
        .isEqualTo(data.resolve("admin.key"));
  }

  /// The file of the key that a command in a folder finds, with the configuration of the
  /// installation in another one.
  private Path foundIn(Path directory, Map<String, String> environment) {
    LaunchContext launch =
        new LaunchContext(environment, directory, folder, launchContext(Map.of()).terminal());
    try (CommandContext context = new CommandContext(launch, CommandExtension.NONE);
        ApiClient api = context.api()) {
      assertThat(api.credential()).isInstanceOf(ClientCredential.Present.class);
      return ((ClientCredential.Present) api.credential()).file().orElseThrow();
    }
  }

  @Test
  void identityProviderTokenIsAccepted() {
    service.on(LIST, 200, EMPTY);

    inFolder().environment("AGENT_LAB_KEY", "eyJhbGci.eyJzdWIi.c2ln-_").run("provider", "list");

    assertThat(sentCredential()).isEqualTo("Bearer eyJhbGci.eyJzdWIi.c2ln-_");
  }

  @Test
  void streamsSendKey() {
    try (FakeService agents = FakeAgents.service()) {
      CommandRun.With with =
          CommandRun.With.service(agents).in(folder).environment("AGENT_LAB_KEY", VARIABLE_KEY);
      with.run("agent", "chat", "helper", "Hello");

      assertThat(agents.requests(FakeAgents.STREAM).header("Authorization"))
          .isEqualTo("Bearer " + VARIABLE_KEY);
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
  void adminKeyIsNotSentToAnotherMachine(String url) throws IOException {
    writeAdminKey(ADMIN_KEY);

    assertThat(search().find(ServiceAddress.parse(url)))
        .isInstanceOfSatisfying(
            ClientCredential.Missing.class,
            missing ->
                assertThat(missing.reason())
                    .contains("is not sent to another machine", "AGENT_LAB_KEY"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://localhost:1", "http://127.0.0.9:1", "https://[::1]:1", "http://LOCALHOST"})
  void adminKeyIsSentToThisMachine(String url) throws IOException {
    writeAdminKey(ADMIN_KEY);

    ClientCredential found = search().find(ServiceAddress.parse(url));
    assertThat(found).isInstanceOf(ClientCredential.Present.class);
    assertThat(found.toString()).doesNotContain(ADMIN_KEY);
  }

  /// No machine has a documentation address (RFC 5737).
  @Test
  void configuredAddressOfAnotherMachineIsNotLocal() {
    assertThat(ServiceAddress.configured("http", "192.0.2.1", 1).isLocal()).isFalse();
    assertThat(ServiceAddress.configured("http", "0.0.0.0", 1).isLoopback()).isTrue();
    assertThat(ServiceAddress.configured("http", "localhost", 1).isLocal()).isTrue();
  }

  private CredentialSearch search() {
    return new CredentialSearch(
        launchContext(Map.of()), Optional.empty(), () -> folder.resolve("data"));
  }

  private LaunchContext launchContext(Map<String, String> environment) {
    PrintWriter discard = new PrintWriter(Writer.nullWriter());
    Terminal terminal =
        new Terminal(discard, discard, InputStream.nullInputStream(), Optional.empty(), false);
    return new LaunchContext(environment, folder, folder, terminal);
  }

  @Test
  void clientWithoutOptionsUsesDefaultAddress() throws IOException {
    Files.writeString(folder.resolve("config.toml"), "server.port = 'broken'");
    try (CommandContext context =
            new CommandContext(
                launchContext(Map.of("SERVER_PORT", "9999")), new CommandRun.NoExtension());
        ApiClient api = context.api()) {
      assertThat(api.base()).hasToString("http://127.0.0.1:8080");
      assertThat(api.credential())
          .isInstanceOfSatisfying(
              ClientCredential.Missing.class,
              missing ->
                  assertThat(missing.reason())
                      .contains("--key-file", "AGENT_LAB_KEY")
                      .contains(folder.resolve("data/admin.key").toString()));
    }
  }

  @Test
  void keyIsNotSentUnencryptedToAnotherMachine() {
    CommandRun.With with = CommandRun.With.directory(folder);

    CommandRun run =
        with.environment("AGENT_LAB_KEY", VARIABLE_KEY)
            .run("provider", "list", "--url", "http://192.0.2.1:1");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("AGENT_LAB_KEY is not sent to http://192.0.2.1:1", "--allow-plain-http")
        .doesNotContain(VARIABLE_KEY);
  }

  /// Another user of this machine may receive what is sent to its other addresses.
  @Test
  void adminKeyIsNotSentUnencryptedBeyondLoopback() throws IOException {
    writeAdminKey(ADMIN_KEY);
    Optional<Inet4Address> own =
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
            .map(Inet4Address.class::cast)
            .findFirst();
    assumeTrue(own.isPresent(), "this machine has only loopback addresses");

    CommandRun run =
        CommandRun.With.directory(folder)
            .run("provider", "list", "--url", "http://%s:1".formatted(own.get().getHostAddress()));

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("admin.key is not sent to http://", "not encrypted");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "hunter2", "agl_key_abcdefABCDEF_short", "a b.c.d", "agl_key_\nx"})
  void invalidKeyFileIsNamedButNotQuoted(String text) throws IOException {
    Files.writeString(folder.resolve("my.key"), text);

    CommandRun run = inFolder().run("provider", "list", "--key-file", "my.key");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains(folder.resolve("my.key") + " does not contain a key");
    if (!text.isEmpty()) {
      assertThat(run.err()).doesNotContain(text);
    }
    assertThat(service.requests()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "hunter2hunter2, does not begin with agl_",
    "agl_key_abcdefABCDEF_short, begins with agl_ but is incomplete",
    "AGL_key_abcdefABCDEF_short, does not begin with agl_",
    "two words, does not begin with agl_",
  })
  void invalidKeyIsRejectedWithReason(String text, String reason) {
    CommandRun run = inFolder().environment("AGENT_LAB_KEY", text).run("provider", "list");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("AGENT_LAB_KEY does not contain a key: ", reason);
    assertThat(run.err()).doesNotContain(text);
    assertThat(service.requests()).isEmpty();
  }

  @Test
  void missingKeyFileAndFolderAreRejected() {
    assertThat(inFolder().run("provider", "list", "--key-file", "absent").err())
        .contains("--key-file: %s does not exist".formatted(folder.resolve("absent")));
    assertThat(inFolder().run("provider", "list", "--key-file", ".").err())
        .contains("--key-file: " + folder.resolve("."), "cannot be read");
  }

  @Test
  void keyAsArgumentIsRejectedAndNotQuoted() {
    assertThat(
            Stream.of(
                inFolder().run("provider", "list", "--key-file", FILE_KEY),
                inFolder().run("provider", "list", "--key", FILE_KEY),
                inFolder().run("provider", "show", FILE_KEY)))
        .allSatisfy(run -> {
          assertThat(run.code()).isNotZero();
          assertThat(run.out() + run.err()).doesNotContain(FILE_KEY);
        });
    assertThat(inFolder().run("provider", "list", "--key-file", FILE_KEY).err())
        .contains("not the key itself");
  }

  @Test
  void missingKeyErrorListsSearchedSources() {
    service.on(LIST, 401, "{\"detail\": \"give an API key\"}");

    CommandRun run = inFolder().run("provider", "list");

    assertThat(run.code()).isEqualTo(7);
    assertThat(run.err())
        .contains("give an API key", "--key-file", "AGENT_LAB_KEY")
        .contains(folder.resolve("data/admin.key").toString());
  }

  @ParameterizedTest
  @CsvSource({"true, AGENT_LAB_KEY", "false, admin.key"})
  void rejectedKeyIsNamedByItsSource(boolean variable, String place) throws IOException {
    service.on(LIST, 401, "{\"detail\": \"the key is not known\"}");
    writeAdminKey(ADMIN_KEY);
    CommandRun.With with =
        variable ? inFolder().environment("AGENT_LAB_KEY", VARIABLE_KEY) : inFolder();

    CommandRun run = with.run("provider", "list");

    assertThat(run.code()).isEqualTo(7);
    assertThat(run.err()).containsPattern("the key in \\S*" + place + " was rejected");
  }

  @Test
  void insufficientScopeErrorNamesScope() {
    service.on(LIST, 403, "{\"detail\": \"this needs the scope providers:read\"}");

    CommandRun run = inFolder().environment("AGENT_LAB_KEY", VARIABLE_KEY).run("provider", "list");

    assertThat(run.code()).isEqualTo(7);
    assertThat(run.err())
        .contains(
            "providers:read", "the key in AGENT_LAB_KEY lacks the required scope", "key self");
  }

  @Test
  void keyIsNeverPrinted() throws IOException {
    writeAdminKey(ADMIN_KEY);
    String echo = "{\"detail\": \"no %1$s\", \"error\": \"%1$s\"}".formatted(ADMIN_KEY);
    for (int status : new int[] {401, 403, 404, 500}) {
      try (FakeService talkative = new FakeService().on(LIST, status, echo)) {
        CommandRun.With with =
            CommandRun.With.service(talkative).in(folder).environment("AGENT_LAB_DEBUG", "1");
        for (CommandRun run :
            new CommandRun[] {
              with.run("provider", "list"),
              with.run("provider", "list", "--json"),
              with.run("key", "self"),
            }) {
          assertThat(run.out() + run.err()).doesNotContain(ADMIN_KEY);
        }
        assertThat(talkative.requests().getFirst().header("Authorization"))
            .isEqualTo("Bearer " + ADMIN_KEY);
      }
    }
  }
}
