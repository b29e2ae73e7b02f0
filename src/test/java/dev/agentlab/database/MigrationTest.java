package dev.agentlab.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MigrationTest {
  @Test
  void everyFileIsListedInOrder() throws Exception {
    List<String> expected =
        Migration.ALL.stream()
            .flatMap(it -> Stream.of(it.name() + ".down.sql", it.name() + ".up.sql"))
            .toList();
    Path folder = Path.of(Migration.class.getResource("/db/migration").toURI());
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(it -> it.getFileName().toString()).sorted().toList())
          .isEqualTo(expected);
    }
  }

  @Test
  void versionsRise() {
    assertThat(Migration.ALL.stream().map(Migration::version))
        .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L, 13L);
  }
}
