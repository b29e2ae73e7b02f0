package dev.agentlab.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyEncryptionKeyFileTest {
  @TempDir private Path folder;
  private Path path;
  private KeyEncryptionKeyFile file;

  @BeforeEach
  void createFile() {
    path = folder.resolve("data/master.key");
    file = new KeyEncryptionKeyFile(path);
  }

  @Test
  void readingMissingFileReturnsNoKeysAndCreatesNoFile() {
    assertThat(file.read()).isEmpty();
    assertThat(path).doesNotExist();
  }

  @Test
  void newFileIsPrivateToItsOwnerAndLeavesNoDrafts() throws Exception {
    KeyEncryptionKey key = KeyEncryptionKey.random();
    assertThat(file.update(_ -> List.of(key))).containsExactly(key);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
    assertThat(file.read()).containsExactly(key);
    try (Stream<Path> files = Files.list(path.getParent())) {
      assertThat(files.map(it -> it.getFileName().toString()).sorted())
          .containsExactly("master.key", "master.key.lock");
    }
  }

  @Test
  void keysKeepTheirOrder() {
    List<KeyEncryptionKey> keys = List.of(KeyEncryptionKey.random(), KeyEncryptionKey.random());
    assertThat(file.update(_ -> keys)).isEqualTo(keys);
    assertThat(new KeyEncryptionKeyFile(path).read()).isEqualTo(keys);
  }

  /// Applies to root too, which can read the file regardless of its permissions.
  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rwxrwxrwx"})
  void fileAccessibleByOthersIsRejected(String permissions) throws Exception {
    KeyEncryptionKey key = KeyEncryptionKey.random();
    file.update(_ -> List.of(key));
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));

    assertThatExceptionOfType(VaultException.class)
        .isThrownBy(file::read)
        .withMessageContaining("must be accessible by its owner only")
        .withMessageContaining(permissions)
        .withMessageContaining("chmod 600")
        .withMessageNotContaining(key.base64());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing\n", "c2hvcnQ=\n", "not base64 at all!\n", "\0\u00e9\n"})
  void malformedFileIsRejectedWithoutQuotingItsContent(String content) throws Exception {
    file.update(_ -> List.of(KeyEncryptionKey.random()));
    Files.writeString(path, content);

    assertThatExceptionOfType(VaultException.class)
        .isThrownBy(file::read)
        .withMessageContaining("master.key")
        .satisfies(e -> {
          if (!content.isBlank()) {
            assertThat(e.getMessage()).doesNotContain(content.strip());
          }
        });
  }

  @Test
  void updateDeletesDraftsOfKilledWriters() throws Exception {
    List<KeyEncryptionKey> keys = file.update(_ -> List.of(KeyEncryptionKey.random()));
    Path draft = writeDraft();
    Path other = Files.writeString(path.resolveSibling("master.key.backup"), "kept");

    assertThat(file.update(UnaryOperator.identity())).isEqualTo(keys);

    assertThat(draft).doesNotExist();
    assertThat(other).hasContent("kept");
    assertThat(file.read()).isEqualTo(keys);
  }

  @Test
  void deletingDraftsCreatesNoFiles() throws Exception {
    file.deleteDrafts();
    assertThat(folder).isEmptyDirectory();

    Files.createDirectories(path.getParent());
    Path draft = writeDraft();
    file.deleteDrafts();

    assertThat(draft).doesNotExist();
    assertThat(path).doesNotExist();
  }

  /// Writes the draft of a writer that was killed after a part of a key.
  private Path writeDraft() throws IOException {
    return Files.writeString(
        path.resolveSibling("master.key." + UUID.randomUUID()),
        KeyEncryptionKey.random().base64().substring(0, 20));
  }

  @Test
  void concurrentWritersCreateOneFile() throws Exception {
    List<Callable<List<KeyEncryptionKey>>> writers = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      writers.add(
          () -> new KeyEncryptionKeyFile(path).update(KeyEncryptionKeyFileTest::createIfEmpty));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
      List<List<KeyEncryptionKey>> results = new ArrayList<>();
      for (Future<List<KeyEncryptionKey>> writer : threads.invokeAll(writers)) {
        results.add(writer.get());
      }
      assertThat(results).allMatch(keys -> keys.equals(file.read()));
    }
  }

  private static List<KeyEncryptionKey> createIfEmpty(List<KeyEncryptionKey> old) {
    return old.isEmpty() ? List.of(KeyEncryptionKey.random()) : old;
  }
}
