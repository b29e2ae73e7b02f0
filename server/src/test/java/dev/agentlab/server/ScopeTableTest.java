package dev.agentlab.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// Compares the table of `docs/keys.md` with the scopes that can be granted.
class ScopeTableTest {
  private static final Path GUIDE = Path.of("..", "docs", "keys.md");

  @Test
  void guideHasEveryScopeWithItsDescription() throws IOException {
    assertThat(Files.readAllLines(GUIDE))
        .containsSubsequence(
            TestServer.scopes().all().stream()
                .map(it -> "| `%s` | %s |".formatted(it.text(), it.description()))
                .toList());
  }
}
