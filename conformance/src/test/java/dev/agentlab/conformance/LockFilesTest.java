package dev.agentlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LockFilesTest {
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
        "cross-vendor-python/requirements.txt"
      })
  void lockFileNamesNoRegistry(String file) throws IOException {
    assertThat(Files.readString(Path.of("src", "test").resolve(file)))
        .doesNotContain("\"resolved\"", "--index-url", "http://");
  }
}
