package dev.agentlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LockFilesTest {
  private static final Path CONSOLE = Path.of("..", "console", "package-lock.json");

  /// The licences of what the browser receives. DOMPurify may be used under either of its two, and
  /// that of fonts allows their distribution with a program.
  private static final Set<String> PERMISSIVE =
      Set.of(
          "Apache-2.0",
          "BSD-2-Clause",
          "BSD-3-Clause",
          "ISC",
          "MIT",
          "OFL-1.1",
          "(MPL-2.0 OR Apache-2.0)");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cline/package-lock.json",
        "codex/package-lock.json",
        "gemini-cli/package-lock.json",
        "node-clients/package-lock.json",
        "opencode/package-lock.json",
        "openai-python/requirements.txt",
        "anthropic-python/requirements.txt",
        "google-python/requirements.txt",
        "cross-vendor-python/requirements.txt",
        "../../../server/src/test/console/package-lock.json"
      })
  void lockFileNamesNoRegistry(String file) throws IOException {
    assertThat(Files.readString(Path.of("src", "test").resolve(file)))
        .doesNotContain("\"resolved\"", "--index-url", "http://");
  }

  @Test
  void lockFileOfTheConsoleNamesNoRegistry() throws IOException {
    assertThat(Files.readString(CONSOLE)).doesNotContain("\"resolved\"");
  }

  @Test
  void librariesOfTheConsoleArePermissive() throws IOException {
    Map<String, String> licences = new TreeMap<>();
    Json.MAPPER
        .readTree(Files.readString(CONSOLE))
        .get("packages")
        .forEachEntry((path, library) -> {
          if (!library.path("dev").asBoolean()) {
            licences.put(path, library.path("license").asString());
          }
        });

    assertThat(licences).hasSizeGreaterThan(3);
    assertThat(licences.values()).isSubsetOf(PERMISSIVE);
  }
}
