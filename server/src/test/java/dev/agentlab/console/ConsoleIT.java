package dev.agentlab.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The console as it was built. Where it was built without Node.js, the test is skipped, unless the
/// environment says `REQUIRE_NODE=true`.
class ConsoleIT {
  private static final int MAX_FIRST_LOAD_BYTES = 200_000;

  /// The scripts, styles and preloaded files of a page.
  private static final Pattern REFERENCE = Pattern.compile("(?:src|href)=\"/([^\"]+)\"");

  /// The fonts of a style sheet that English text needs: Fontsource splits a font by alphabet.
  private static final Pattern LATIN_FONT =
      Pattern.compile("url\\(/(assets/[^)]*-latin-(?!ext)[^)]*\\.woff2)\\)");

  @RegisterExtension private static final TestServer SERVER = new TestServer();

  private static final StaticFiles FILES = StaticFiles.read(ConsoleIT.class.getClassLoader());

  @BeforeAll
  static void requireConsole() {
    if (!"true".equals(System.getenv("REQUIRE_NODE"))) {
      Assumptions.assumeTrue(
          FILES.find(ConsoleRoutes.INDEX).isPresent(),
          "the program was built without the console, which needs Node.js");
    }
  }

  @Test
  void firstLoadIsSmall() {
    assertThat(firstLoad()).anyMatch(path -> path.endsWith(".js"));
    int bytes =
        Stream.concat(Stream.of("index.html"), firstLoad().stream())
            .map(path -> FILES.find(ConsoleRoutes.CONSOLE_FOLDER + path).orElseThrow())
            .mapToInt(StaticFile::compressedSize)
            .sum();

    assertThat(bytes).isLessThanOrEqualTo(MAX_FIRST_LOAD_BYTES);
  }

  /// The paths of the files that the page refers to, and of the fonts of its style sheets.
  private static Set<String> firstLoad() {
    Set<String> paths = new LinkedHashSet<>(references(REFERENCE, "index.html"));
    for (String path : List.copyOf(paths)) {
      if (path.endsWith(".css")) {
        paths.addAll(references(LATIN_FONT, path));
      }
    }
    return paths;
  }

  private static List<String> references(Pattern pattern, String path) {
    byte[] content = FILES.find(ConsoleRoutes.CONSOLE_FOLDER + path).orElseThrow().content();
    return pattern
        .matcher(new String(content, StandardCharsets.UTF_8))
        .results()
        .map(it -> it.group(1))
        .toList();
  }

  @Test
  void pageHasNothingInline() {
    String page =
        new String(FILES.find(ConsoleRoutes.INDEX).orElseThrow().content(), StandardCharsets.UTF_8);

    assertThat(page)
        .doesNotContainPattern("<script(?![^>]*\\ssrc=)")
        .doesNotContainPattern("<style|\\sstyle=|\\son[a-z]+=")
        .doesNotContainPattern("https?://");
  }

  @Test
  void unknownPathOfTheApiIsStillAProblem() {
    for (String path : List.of("/api/unknown", "/unknown", "/assets/unknown.js")) {
      Answer answer = SERVER.client().get(path);
      assertThat(answer.status()).as(path).isEqualTo(404);
      assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    }
  }

  @Test
  void everyFileIsReachable() {
    assertThat(FILES.paths())
        .filteredOn(path -> !path.equals(ConsoleRoutes.INDEX))
        .allSatisfy(path ->
            assertThat(
                    SERVER
                        .client()
                        .get("/" + path.replaceFirst("^" + ConsoleRoutes.CONSOLE_FOLDER, ""))
                        .status())
                .isEqualTo(200));
  }
}
