package dev.agentlab.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFileTest {
  @TempDir private Path folder;

  @Test
  void replacedFileIsReadableByItsOwnerOnly() throws IOException {
    Path file = Files.writeString(folder.resolve("key"), "a longer text that was there before");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

    PrivateFile.write(file, "new\n");

    assertThat(file).hasContent("new");
    assertThat(permissions(file)).isEqualTo("rw-------");
  }

  @Test
  void newDirectoriesArePrivateAndExistingOnesUnchanged() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));

    PrivateFile.createDirectory(folder.resolve("data/inner"));
    PrivateFile.createDirectory(folder);

    assertThat(permissions(folder)).isEqualTo("rwxr-xr-x");
    assertThat(permissions(folder.resolve("data"))).isEqualTo("rwx------");
    assertThat(permissions(folder.resolve("data/inner"))).isEqualTo("rwx------");
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void failedWriteLeavesNoDraft() throws IOException {
    Path taken = folder.resolve("key");
    Files.createDirectories(taken.resolve("inside"));

    assertThatThrownBy(() -> PrivateFile.write(taken, "new")).isInstanceOf(IOException.class);

    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(taken);
    }
  }
}
