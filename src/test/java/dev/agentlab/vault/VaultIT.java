package dev.agentlab.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.agentlab.audit.AuditEntry;
import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.Database;
import dev.agentlab.database.DatabaseException;
import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.PostgresProxy;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.errors.UnreadableSecretException;
import dev.agentlab.secrets.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultIT {
  private static final Secret OLD = Secret.of(WrappingKey.random().base64());
  private static final Secret NEW = Secret.of(WrappingKey.random().base64());

  private static final byte[] NOTHING = {};

  private static final AuditTrail NOWHERE = (_, _) -> {};

  @TempDir private Path folder;
  private final DatabaseSettings settings = TestPostgres.migratedDatabase();
  private final Database database = TestPostgres.start(settings);

  @AfterEach
  void stop() throws Exception {
    database.stop(Duration.ofSeconds(5));
  }

  private KeySource file() {
    return new KeySource.InFile(folder.resolve("master.key"));
  }

  private static KeySource given(Secret key, Secret... previous) {
    return new KeySource.Given(key, List.of(previous));
  }

  private Vault vault(KeySource source) {
    return TestVault.started(source, database);
  }

  private RowKey rowKey(Vault vault, UUID id) {
    return database.write(c -> vault.dataKeys().findOrMake(c, "providers", id));
  }

  private static String id(Secret key) {
    return WrappingKey.of(key).id();
  }

  @Test
  void firstStartMakesTheFileAndLaterOnesReadWhatWasSealed() {
    UUID row = UUID.randomUUID();
    Vault first = vault(file());
    String sealed = rowKey(first, row).seal("/a", "text");
    byte[] hash = first.mac("audit").of(new byte[] {1});

    assertThat(folder.resolve("master.key")).isRegularFile();
    Vault second = vault(file());
    assertThat(rowKey(second, row).open("/a", sealed)).contains("text");
    assertThat(second.mac("audit").of(new byte[] {1})).isEqualTo(hash);
    assertThat(second.status()).isEqualTo(new VaultStatus(second.status().key(), "file", 2, 0));
  }

  @Test
  void startDeletesWhatAKilledRotationLeft() throws Exception {
    vault(file());
    Path draft =
        Files.writeString(
            folder.resolve("master.key." + UUID.randomUUID()), NEW.reveal().substring(0, 30));

    vault(file());

    assertThat(draft).doesNotExist();
  }

  @Test
  void nothingIsReadBeforeTheStart() {
    Vault vault = new Vault(file(), database);
    assertThatExceptionOfType(UnavailableException.class)
        .isThrownBy(() -> vault.mac("audit").of(NOTHING));
    assertThatExceptionOfType(UnavailableException.class).isThrownBy(() -> vault.rotate(NOWHERE));
    assertThatExceptionOfType(UnavailableException.class)
        .isThrownBy(() -> rowKey(vault, UUID.randomUUID()));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void databaseUnderAnotherKeyIsRefusedWithBothKeysAndWhatToSet() {
    vault(given(OLD));
    assertThatExceptionOfType(VaultException.class)
        .isThrownBy(() -> vault(given(NEW)))
        .withMessageContaining(id(OLD))
        .withMessageContaining(id(NEW))
        .withMessageContaining("SECRETS_KEY")
        .withMessageContaining("SECRETS_PREVIOUS_KEYS")
        .withMessageNotContaining(OLD.reveal())
        .withMessageNotContaining(NEW.reveal());
  }

  @Test
  void fileThatOthersMayReadStopsTheStart() throws Exception {
    vault(file());
    Files.setPosixFilePermissions(
        folder.resolve("master.key"), PosixFilePermissions.fromString("rw-r--r--"));
    assertThatExceptionOfType(VaultException.class)
        .isThrownBy(() -> vault(file()))
        .withMessageContaining("chmod 600");
  }

  @Test
  void lostFileIsMissedAndNoOtherIsMade() throws Exception {
    vault(file());
    Files.delete(folder.resolve("master.key"));
    assertThatExceptionOfType(VaultException.class)
        .isThrownBy(() -> vault(file()))
        .withMessageContaining("has no key")
        .withMessageContaining("master.key");
    assertThat(folder.resolve("master.key")).doesNotExist();
  }

  @Test
  void changedDataKeyIsNoticedAndSoIsOneOfAnotherRow() {
    Vault vault = vault(given(OLD));
    UUID one = UUID.randomUUID();
    UUID other = UUID.randomUUID();
    rowKey(vault, one);
    rowKey(vault, other);
    execute(
        """
        UPDATE data_keys SET wrapped = (SELECT wrapped FROM data_keys WHERE owner_id = '%s')
        WHERE owner_id = '%s'
        """
            .formatted(other, one));
    assertThatExceptionOfType(UnreadableSecretException.class)
        .isThrownBy(() -> rowKey(vault, one))
        .withMessageContaining("belongs to another row");
    execute("UPDATE data_keys SET wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1)");
    assertThatExceptionOfType(UnreadableSecretException.class)
        .isThrownBy(() -> rowKey(vault, other));
    assertThatExceptionOfType(VaultException.class).isThrownBy(() -> vault(given(OLD)));
  }

  @Test
  void ofManyReplicasThatStartAtOnceOneMakesTheRootKey() throws Exception {
    List<Callable<byte[]>> replicas = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      replicas.add(() -> vault(file()).mac("audit").of(NOTHING));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<byte[]> seen = new ArrayList<>();
      for (Future<byte[]> replica : threads.invokeAll(replicas)) {
        seen.add(replica.get());
      }
      assertThat(seen).allSatisfy(it -> assertThat(it).isEqualTo(seen.getFirst()));
    }
  }

  @Test
  void replicaWithoutTheOthersFileIsRefusedAndMakesNone() {
    vault(file());
    Path elsewhere = folder.resolve("elsewhere/master.key");
    assertThatExceptionOfType(VaultException.class)
        .isThrownBy(() -> vault(new KeySource.InFile(elsewhere)))
        .withMessageContaining("need the same key");
    assertThat(elsewhere).doesNotExist();
  }

  @Test
  void rotationOfAFileDropsTheOldKeyAndOthersFindTheNewOne() {
    UUID row = UUID.randomUUID();
    Vault one = vault(file());
    Vault other = vault(file());
    String sealed = rowKey(one, row).seal("/a", "text");
    String before = one.status().key();
    byte[] hash = one.mac("audit").of(NOTHING);

    Rotation rotation = one.rotate(NOWHERE);
    assertThat(rotation.rewrapped()).isEqualTo(2);
    assertThat(rotation.key()).isNotEqualTo(before);
    assertThat(rotation.unusedKeys()).containsExactly(before);
    assertThat(new WrappingKeyFile(folder.resolve("master.key")).read())
        .extracting(WrappingKey::id)
        .containsExactly(rotation.key());
    assertThat(rowKey(other, row).open("/a", sealed)).contains("text");
    String later = rowKey(other, UUID.randomUUID()).seal("/a", "later");
    assertThat(later).isNotEmpty();
    assertThat(other.status()).isEqualTo(new VaultStatus(rotation.key(), "file", 3, 0));
    assertThat(vault(file()).mac("audit").of(NOTHING)).isEqualTo(hash);
  }

  @Test
  void rotationOfAGivenKeyIsFromThePreviousOnes() {
    UUID row = UUID.randomUUID();
    String sealed = rowKey(vault(given(OLD)), row).seal("/a", "text");

    Vault both = vault(given(NEW, OLD));
    assertThat(both.status()).isEqualTo(new VaultStatus(id(NEW), "environment", 2, 2));
    assertThat(rowKey(both, row).open("/a", sealed)).contains("text");
    assertThat(both.rotate(NOWHERE)).isEqualTo(new Rotation(id(NEW), 2, List.of(id(OLD))));
    assertThat(both.rotate(NOWHERE)).isEqualTo(new Rotation(id(NEW), 0, List.of(id(OLD))));
    assertThat(rowKey(vault(given(NEW)), row).open("/a", sealed)).contains("text");
  }

  @Test
  void rotationThatWasInterruptedIsFinishedByTheNext() {
    UUID row = UUID.randomUUID();
    Vault vault = vault(file());
    String sealed = rowKey(vault, row).seal("/a", "text");
    // Its key is in the file and nothing is wrapped with it yet.
    new WrappingKeyFile(folder.resolve("master.key"))
        .change(old -> List.of(WrappingKey.random(), old.getFirst()));

    Vault next = vault(file());
    assertThat(next.status().outdated()).isEqualTo(2);
    assertThat(next.rotate(NOWHERE).unusedKeys()).hasSize(2);
    assertThat(rowKey(next, row).open("/a", sealed)).contains("text");
  }

  @Test
  void rotationIsRecordedWhenItIsDoneWithTheKeysBeforeAndAfter() {
    Vault vault = vault(file());
    rowKey(vault, UUID.randomUUID());
    String before = vault.status().key();
    List<AuditEntry> entries = new ArrayList<>();

    Rotation rotation = vault.rotate((_, entry) -> entries.add(entry));
    assertThat(entries).hasSize(1);
    AuditEntry entry = entries.getFirst();
    assertThat(entry.action()).isEqualTo("secrets.rotated");
    assertThat(entry.before().orElseThrow().toString())
        .isEqualTo("{\"keys\":[\"%s\"]}".formatted(before));
    assertThat(entry.after().orElseThrow().toString())
        .isEqualTo(
            "{\"key\":\"%s\",\"rewrapped\":2,\"unused_keys\":[\"%s\"]}"
                .formatted(rotation.key(), before));
  }

  @Test
  void rotationThatCannotBeRecordedFailsAndKeepsTheOlderKey() {
    UUID row = UUID.randomUUID();
    Vault vault = vault(file());
    String sealed = rowKey(vault, row).seal("/a", "text");
    AuditTrail full =
        (_, _) -> {
          throw new SQLException("full");
        };

    assertThatExceptionOfType(DatabaseException.class)
        .isThrownBy(() -> vault.rotate(full))
        .withMessageContaining("full");
    assertThat(new WrappingKeyFile(folder.resolve("master.key")).read()).hasSize(2);
    assertThat(rowKey(vault(file()), row).open("/a", sealed)).contains("text");
    assertThat(vault.rotate(NOWHERE).unusedKeys()).hasSize(2);
  }

  @Test
  void rotationWhoseConnectionBreaksAtTheEndIsDoneOnce() throws Exception {
    DatabaseSettings.External external = (DatabaseSettings.External) settings.server();
    List<AuditEntry> entries = new ArrayList<>();
    try (PostgresProxy proxy = new PostgresProxy(external.dsn(), "agent-lab")) {
      Database unsteady = TestPostgres.start(TestPostgres.settings(proxy.dsn()));
      try {
        Vault vault = TestVault.started(file(), unsteady);
        proxy.breakAt("pg_advisory_unlock");

        Rotation rotation = vault.rotate((_, entry) -> entries.add(entry));
        assertThat(rotation.rewrapped()).isEqualTo(1);
        assertThat(entries).hasSize(1);
        assertThat(new WrappingKeyFile(folder.resolve("master.key")).read())
            .extracting(WrappingKey::id)
            .containsExactly(rotation.key());
      } finally {
        unsteady.stop(Duration.ofSeconds(5));
      }
    }
  }

  @Test
  void onlyOneRotatesAtATime() {
    Vault vault = vault(file());
    database.read(connection -> {
      try (Statement statement = connection.createStatement()) {
        statement.execute("SELECT pg_advisory_lock(x'616c726f74617465'::bigint)");
        assertThatExceptionOfType(RotationInProgressException.class)
            .isThrownBy(() -> vault.rotate(NOWHERE));
        return statement.execute("SELECT pg_advisory_unlock(x'616c726f74617465'::bigint)");
      }
    });
    assertThat(vault.rotate(NOWHERE).rewrapped()).isEqualTo(1);
  }

  private void execute(String sql) {
    database.write(connection -> {
      try (Statement statement = connection.createStatement()) {
        return statement.execute(sql);
      }
    });
  }
}
