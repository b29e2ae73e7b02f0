package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.agentlab.json.Json;
import dev.agentlab.testing.LockedTools;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The web console in a browser, against the packaged program: runs the flows of `src/test/console`
/// in Node.js, which drives Chromium.
///
/// Where the browser or the console is missing, the test is skipped, unless the environment says
/// `REQUIRE_BROWSER=true`. The variable `CHROMIUM` names a browser that is not on the path.
/// `-Dwrite.documents=true` writes the screenshots of the documentation.
class ConsoleE2ETest {
  private static final List<String> BROWSERS =
      List.of("chromium", "chromium-browser", "google-chrome");

  @TempDir private Path folder;

  private Optional<Program> service = Optional.empty();
  private Optional<Process> flows = Optional.empty();

  @TestFactory
  Stream<DynamicTest> console() throws Exception {
    Path tests = LockedTools.node("console");
    Optional<Path> browser = browser();
    require(browser.isPresent(), "there is no Chromium on the path");
    String issuer = "http://127.0.0.1:" + Program.freePort();
    Program program =
        Program.serve(
            folder,
            Map.of(
                "AUTH_OIDC_ISSUER",
                issuer,
                "AUTH_OIDC_AUDIENCE",
                "agent-lab",
                "AUTH_OIDC_CLIENT_ID",
                "agent-lab"));
    service = Optional.of(program);
    require(
        program.client().get("/").header("Content-Type").startsWith("text/html"),
        "the program was built without the console");
    Program.Result link = program.run("login", "--quiet");
    assertThat(link.code()).as(link.err()).isZero();

    Map<String, String> environment = new TreeMap<>();
    environment.put("CHROMIUM", browser.get().toString());
    environment.put("AGENT_LAB", Program.launcher().toString());
    environment.put("AGENT_LAB_URL", program.url().toString());
    environment.put("AGENT_LAB_KEY", program.key().orElseThrow());
    environment.put("SIGN_IN_LINK", link.out().strip());
    environment.put("ISSUER", issuer);
    environment.put("CONSOLE_SOURCES", absolute("console/src"));
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    if (Boolean.getBoolean("write.documents")) {
      environment.put("IMAGES", absolute("docs/images"));
    }
    Process process = start(tests, environment);
    flows = Optional.of(process);
    return Stream.concat(
        process.inputReader().lines().map(ConsoleE2ETest::result),
        Stream.of(dynamicTest("every flow has ended", () -> requireEnd(process, tests))));
  }

  @AfterEach
  void stop() {
    flows.ifPresent(process -> {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    });
    service.ifPresent(Program::close);
  }

  private static Process start(Path tests, Map<String, String> environment) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                "node", "--test-reporter=./reporter.mjs", "--test-force-exit", "flows.mjs")
            .directory(tests.toFile())
            .redirectError(errors(tests));
    builder.environment().putAll(environment);
    return builder.start();
  }

  /// A flow that has run, as a test. Its name precedes the failure, because reports of the build
  /// number dynamic tests.
  private static DynamicTest result(String line) {
    JsonNode result = Json.MAPPER.readTree(line);
    String name = result.path("name").asString();
    return dynamicTest(
        name,
        () -> {
          if (result.path("error").isString()) {
            fail("%s: %s".formatted(name, result.path("error").asString()));
          }
        });
  }

  private static void requireEnd(Process process, Path tests) throws Exception {
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(errors(tests).toPath())).isZero();
  }

  private static File errors(Path tests) {
    return tests.resolve("errors.log").toFile();
  }

  private static Optional<Path> browser() {
    return Optional.ofNullable(System.getenv("CHROMIUM"))
        .map(Path::of)
        .or(() ->
            BROWSERS.stream()
                .flatMap(name ->
                    Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .map(it -> Path.of(it, name)))
                .filter(Files::isExecutable)
                .findFirst());
  }

  /// Skips the test where what it needs is missing.
  private static void require(boolean isThere, String reason) {
    if ("true".equals(System.getenv("REQUIRE_BROWSER"))) {
      assertThat(isThere).as(reason).isTrue();
    }
    Assumptions.assumeTrue(isThere, reason);
  }

  private static String absolute(String path) {
    return Path.of("..", path).toAbsolutePath().normalize().toString();
  }
}
