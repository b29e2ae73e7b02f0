package dev.agentlab.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.build.Build;
import dev.agentlab.database.Migration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupFileTest {
  private static final String ROWS = "1\tone\t{}\t\\N\t\\N\n2\ttwo\t{}\t\\N\t\\N\n";

  @TempDir private Path folder;

  private Path write(int format, long schemaVersion) {
    Path file = folder.resolve("backup");
    TestBackups.write(file, format, schemaVersion, Map.of("providers", ROWS));
    return file;
  }

  private Path write() {
    return write(BackupManifest.FORMAT, TestBackups.SCHEMA_VERSION);
  }

  private static BackupManifest read(Path file) {
    try (BackupReader reader = BackupReader.open(file)) {
      reader.verifyRows();
      return reader.manifest();
    }
  }

  @Test
  void fileIsReadAsWritten() throws Exception {
    Path file = write();
    BackupManifest manifest = read(file);
    assertThat(manifest.rows()).isEqualTo(2);
    assertThat(manifest.tables())
        .extracting(BackupManifest.Table::name)
        .containsExactly("providers", "agents");
    try (BackupReader reader = BackupReader.open(file)) {
      assertThat(reader.rows(manifest.tables().getFirst()).readAllBytes())
          .asString(StandardCharsets.UTF_8)
          .isEqualTo(ROWS);
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(files()).containsExactly(file);
  }

  @Test
  void everyFlippedBitIsDetected() throws Exception {
    Path file = write();
    byte[] bytes = Files.readAllBytes(file);
    for (int position = 0; position < bytes.length; position++) {
      byte[] damaged = bytes.clone();
      damaged[position] ^= (byte) (1 << position % Byte.SIZE);
      Files.write(file, damaged);
      assertThatThrownBy(() -> read(file))
          .as("byte %d of %d", position, bytes.length)
          .isInstanceOf(BackupException.class)
          .hasMessageContaining(file.toString());
    }
  }

  @Test
  void everyTruncationIsDetected() throws Exception {
    Path file = write();
    byte[] bytes = Files.readAllBytes(file);
    for (int length = 0; length < bytes.length; length++) {
      Files.write(file, Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> read(file))
          .as("%d of %d bytes", length, bytes.length)
          .isInstanceOf(BackupException.class)
          .hasMessageContaining(length < 4 ? "is not a backup" : "is not a complete backup");
    }
  }

  @Test
  void appendedByteIsDetected() throws Exception {
    Path file = write();
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length + 1));
    assertThatThrownBy(() -> read(file)).hasMessageContaining("is not a complete backup");
  }

  @Test
  void otherFilesAreNotBackups() throws Exception {
    Path text = Files.writeString(folder.resolve("text"), "-- PostgreSQL database dump".repeat(9));
    assertThatThrownBy(() -> read(text)).hasMessage(text + " is not a backup of agent-lab");
    Path other = folder.resolve("other.zip");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(other))) {
      zip.putNextEntry(new ZipEntry("manifest.json"));
      zip.write("{\"format\": 1}".getBytes(StandardCharsets.UTF_8));
    }
    assertThatThrownBy(() -> read(other)).hasMessageContaining("written by another program");
    Path missing = folder.resolve("missing");
    assertThatThrownBy(() -> read(missing))
        .hasMessage("cannot read %s: it does not exist".formatted(missing));
    assertThatThrownBy(() -> read(folder))
        .hasMessage("cannot read %s: Is a directory".formatted(folder));
  }

  @Test
  void newerFormatIsRefusedWithBothVersions() {
    Path file = write(BackupManifest.FORMAT + 1, TestBackups.SCHEMA_VERSION);
    assertThatThrownBy(() -> read(file))
        .hasMessageContaining("has format 2, written by agent-lab 9.8.7")
        .hasMessageContaining(
            "this agent-lab %s supports up to 1".formatted(Build.current().version()));
  }

  @Test
  void newerSchemaIsRefusedWithBothVersions() {
    long latest = Migration.ALL.getLast().version();
    Path file = write(BackupManifest.FORMAT, latest + 1);
    assertThatThrownBy(() -> read(file))
        .hasMessageContaining(
            "has schema version %d, written by agent-lab 9.8.7".formatted(latest + 1))
        .hasMessageContaining("supports up to %d; restore it with".formatted(latest));
  }

  @Test
  void contentMustBeThatOfTheManifest() {
    BackupManifest.Table providers =
        new BackupManifest.Table("providers", List.of("id"), 2, "00", List.of(), Optional.empty());
    BackupManifest.Table agents =
        new BackupManifest.Table("agents", List.of("id"), 0, "00", List.of(), Optional.empty());
    Map<BackupManifest, String> manifests =
        Map.of(
            manifest(List.of(providers, agents)), "providers has 1 rows, not 2",
            manifest(List.of(providers)), "not those of schema version 3",
            manifest(List.of(agents, providers)), "it has no tables/agents.copy",
            TestBackups.manifest(BackupManifest.FORMAT, 0, List.of()), "schema version 0",
            TestBackups.manifest(BackupManifest.FORMAT, -1, List.of()), "schema version -1");
    manifests.forEach((manifest, reason) -> {
      Path file = folder.resolve(UUID.randomUUID().toString());
      try (BackupWriter writer = BackupWriter.create(file)) {
        int _ =
            writer.writeTable(
                "providers",
                out -> {
                  out.write("1\n".getBytes(StandardCharsets.UTF_8));
                  return 1;
                });
        long _ = writer.finish(manifest);
      }
      assertThatThrownBy(() -> read(file)).hasMessageContaining(reason);
    });
  }

  private static BackupManifest manifest(List<BackupManifest.Table> tables) {
    return TestBackups.manifest(BackupManifest.FORMAT, TestBackups.SCHEMA_VERSION, tables);
  }

  @Test
  void existingFileIsKept() throws Exception {
    Path file = Files.writeString(folder.resolve("backup"), "kept");
    assertThatThrownBy(this::write)
        .hasMessage("cannot write %s: it exists already; name another file".formatted(file));
    assertThat(file).hasContent("kept");
    assertThat(files()).containsExactly(file);
  }

  @Test
  void fileThatAppearsMeanwhileIsKept() throws Exception {
    Path file = folder.resolve("backup");
    try (BackupWriter writer = BackupWriter.create(file)) {
      Files.writeString(file, "kept");
      assertThatThrownBy(() -> writer.finish(manifest(List.of())))
          .hasMessageContaining("it exists already");
    }
    assertThat(file).hasContent("kept");
    assertThat(files()).containsExactly(file);
  }

  @Test
  void incompleteFileIsDeleted() throws Exception {
    try (BackupWriter writer = BackupWriter.create(folder.resolve("backup"))) {
      assertThat(files()).hasSize(1);
      assertThatThrownBy(() ->
              writer.writeTable(
                  "providers",
                  _ -> {
                    throw new IOException("No space left on device");
                  }))
          .hasMessageContaining("No space left on device");
    }
    assertThat(files()).isEmpty();
  }

  @Test
  void missingFolderIsReported() {
    Path file = folder.resolve("missing/backup");
    assertThatThrownBy(() -> BackupWriter.create(file))
        .hasMessage("cannot write %s: its folder does not exist".formatted(file));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
