package dev.agentlab.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
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
  void versionsAreConsecutive() {
    assertThat(Migration.ALL.stream().map(Migration::version).toList())
        .isEqualTo(LongStream.rangeClosed(1, Migration.ALL.size()).boxed().toList());
  }
}
