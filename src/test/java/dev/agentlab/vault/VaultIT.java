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
import dev.agentlab.testing.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultIT {
  private static final Secret OLD = Secret.of(KeyEncryptionKey.random().base64());
  private static final Secret NEW = Secret.of(KeyEncryptionKey.random().base64());

  private static final byte[] NOTHING = {};

  private static final AuditTrail NOWHERE = (_, _) -> {};

  @TempDir private Path folder;
  private final DatabaseSettings settings = TestPostgres.migratedDatabase();
  private final Database database = TestPostgres.start(settings);

  private final List<ReplicaHeartbeat> heartbeats = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    for (ReplicaHeartbeat heartbeat : heartbeats) {
      heartbeat.stop(Duration.ofSeconds(5));
    }
    database.stop(Duration.ofSeconds(5));
  }

  private KeyEncryptionKeySource file() {
    return new KeyEncryptionKeySource.InFile(folder.resolve("master.key"));
  }

  private static KeyEncryptionKeySource given(Secret key, Secret... previous) {
    return new KeyEncryptionKeySource.Given(key, List.of(previous));
  }

  private Vault vault(KeyEncryptionKeySource source) {
    return TestVault.started(source, database);
  }

  /// Starts a vault with its heartbeat, as a running replica does.
  private Vault replica(KeyEncryptionKeySource source) throws InterruptedException {
    Vault vault = vault(source);
    vault.heartbeat().start();
    heartbeats.add(vault.heartbeat());
    return vault;
  }

  /// Reads the keys in the file, the newest first.
  private List<KeyEncryptionKey> keys() {
    return new KeyEncryptionKeyFile(folder.resolve("master.key")).read();
  }

  private RowCipher rowKey(Vault vault, UUID id) {
    return database.write(c -> vault.dataKeys().findOrMake(c, "providers", id));
  }

  private static String id(Secret key) {
    return KeyEncryptionKey.of(key).id();
  }

  @Test
  void firstStartMakesTheFileAndLaterOnesReadWhatWasSealed() {
    UUID row = UUID.randomUUID();
    Vault first = vault(file());
    String ciphertext = rowKey(first, row).seal("/a", "text");
    byte[] hash = first.mac("audit").of(new byte[] {1});

    assertThat(folder.resolve("master.key")).isRegularFile();
    Vault second = vault(file());
    assertThat(rowKey(second, row).open("/a", ciphertext)).contains("text");
    assertThat(second.mac("audit").of(new byte[] {1})).isEqualTo(hash);
    assertThat(second.status())
        .isEqualTo(new VaultStatus(second.status().key(), "file", 2, 0, List.of()));
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
    Vault vault = new Vault(file(), database, 8080);
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
      List<byte[]> hashes = new ArrayList<>();
      for (Future<byte[]> replica : threads.invokeAll(replicas)) {
        hashes.add(replica.get());
      }
      assertThat(hashes).allSatisfy(it -> assertThat(it).isEqualTo(hashes.getFirst()));
    }
  }

  @Test
  void replicaWithoutTheOthersFileIsRefusedAndMakesNone() {
    vault(file());
    Path otherFile = folder.resolve("elsewhere/master.key");
    assertThatExceptionOfType(VaultException.class)
        .isThrownBy(() -> vault(new KeyEncryptionKeySource.InFile(otherFile)))
        .withMessageContaining("need the same key");
    assertThat(otherFile).doesNotExist();
  }

  @Test
  void rotationOfAFileDropsTheOldKeyAndOthersFindTheNewOne() {
    UUID row = UUID.randomUUID();
    Vault one = vault(file());
    Vault other = vault(file());
    String ciphertext = rowKey(one, row).seal("/a", "text");
    String before = one.status().key();
    byte[] hash = one.mac("audit").of(NOTHING);

    RotationResult rotation = one.rotate(NOWHERE);
    assertThat(rotation.rewrapped()).isEqualTo(2);
    assertThat(rotation.key()).isNotEqualTo(before);
    assertThat(rotation.unusedKeys()).containsExactly(before);
    assertThat(new KeyEncryptionKeyFile(folder.resolve("master.key")).read())
        .extracting(KeyEncryptionKey::id)
        .containsExactly(rotation.key());
    assertThat(rowKey(other, row).open("/a", ciphertext)).contains("text");
    String later = rowKey(other, UUID.randomUUID()).seal("/a", "later");
    assertThat(later).isNotEmpty();
    assertThat(other.status()).isEqualTo(new VaultStatus(rotation.key(), "file", 3, 0, List.of()));
    assertThat(vault(file()).mac("audit").of(NOTHING)).isEqualTo(hash);
  }

  @Test
  void rotationOfAGivenKeyIsFromThePreviousOnes() {
    UUID row = UUID.randomUUID();
    String ciphertext = rowKey(vault(given(OLD)), row).seal("/a", "text");

    Vault both = vault(given(NEW, OLD));
    assertThat(both.status()).isEqualTo(new VaultStatus(id(NEW), "environment", 2, 2, List.of()));
    assertThat(rowKey(both, row).open("/a", ciphertext)).contains("text");
    assertThat(both.rotate(NOWHERE)).isEqualTo(new RotationResult(id(NEW), 2, List.of(id(OLD))));
    assertThat(both.rotate(NOWHERE)).isEqualTo(new RotationResult(id(NEW), 0, List.of(id(OLD))));
    assertThat(rowKey(vault(given(NEW)), row).open("/a", ciphertext)).contains("text");
  }

  @Test
  void rotationThatWasInterruptedIsFinishedByTheNext() {
    UUID row = UUID.randomUUID();
    Vault vault = vault(file());
    String ciphertext = rowKey(vault, row).seal("/a", "text");
    // The new key is in the file, but no data key is wrapped with it yet.
    new KeyEncryptionKeyFile(folder.resolve("master.key"))
        .change(old -> List.of(KeyEncryptionKey.random(), old.getFirst()));

    Vault next = vault(file());
    assertThat(next.status().outdated()).isEqualTo(2);
    String pending = next.status().key();
    RotationResult rotation = next.rotate(NOWHERE);
    assertThat(rotation.key()).isEqualTo(pending);
    assertThat(rotation.unusedKeys()).hasSize(1);
    assertThat(rowKey(next, row).open("/a", ciphertext)).contains("text");
  }

  @Test
  void rotationIsRecordedWhenItIsDoneWithTheKeysBeforeAndAfter() {
    Vault vault = vault(file());
    rowKey(vault, UUID.randomUUID());
    String before = vault.status().key();
    List<AuditEntry> entries = new ArrayList<>();

    RotationResult rotation = vault.rotate((_, entry) -> entries.add(entry));
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
    String ciphertext = rowKey(vault, row).seal("/a", "text");
    AuditTrail full =
        (_, _) -> {
          throw new SQLException("full");
        };

    assertThatExceptionOfType(DatabaseException.class)
        .isThrownBy(() -> vault.rotate(full))
        .withMessageContaining("full");
    assertThat(new KeyEncryptionKeyFile(folder.resolve("master.key")).read()).hasSize(2);
    assertThat(rowKey(vault(file()), row).open("/a", ciphertext)).contains("text");
    assertThat(vault.rotate(NOWHERE).unusedKeys()).hasSize(1);
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

        RotationResult rotation = vault.rotate((_, entry) -> entries.add(entry));
        assertThat(rotation.rewrapped()).isEqualTo(1);
        assertThat(entries).hasSize(1);
        assertThat(new KeyEncryptionKeyFile(folder.resolve("master.key")).read())
            .extracting(KeyEncryptionKey::id)
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

  @Test
  void replicasThatShareAFileReadTheNewKeyBeforeItIsUsed() throws Exception {
    Vault one = replica(file());
    Vault other = replica(file());
    UUID row = UUID.randomUUID();
    String ciphertext = rowKey(other, row).seal("/a", "text");

    RotationResult rotation = one.rotate(NOWHERE);
    assertThat(keys()).extracting(KeyEncryptionKey::id).containsExactly(rotation.key());
    assertThat(rowKey(other, row).open("/a", ciphertext)).contains("text");
    assertThat(other.heartbeat().unreadyReason()).isEmpty();
  }

  @Test
  void rotationNamesTheReplicaThatItWaitsForAndKeepsItsKey() throws Exception {
    Vault one = replica(file());
    Secret old = Secret.of(keys().getFirst().base64());
    Vault other = replica(given(old));

    assertThatExceptionOfType(StaleReplicasException.class)
        .isThrownBy(() -> one.rotate(NOWHERE))
        .withMessageContaining(":8080 (environment) lacks the key " + keys().getFirst().id())
        .withMessageContaining("SECRETS_KEY");
    assertThat(keys()).extracting(KeyEncryptionKey::id).hasSize(2).endsWith(id(old));
    String later = rowKey(one, new UUID(1, 1)).seal("/a", "later");
    assertThat(rowKey(other, new UUID(1, 1)).open("/a", later)).contains("later");
    assertThat(one.status().staleReplicas())
        .containsExactlyElementsOf(other.status().staleReplicas())
        .hasSize(1);
  }

  @Test
  void stoppedReplicaIsNotWaitedFor() throws Exception {
    Vault one = replica(file());
    Vault other = replica(given(Secret.of(keys().getFirst().base64())));

    other.heartbeat().stop(Duration.ofSeconds(5));
    assertThat(one.rotate(NOWHERE).unusedKeys()).hasSize(1);
  }

  @Test
  void killedReplicaIsWaitedForAMinute() {
    Vault vault = vault(file());
    String killed =
        """
        INSERT INTO replicas VALUES (gen_random_uuid(), 'killed:1', 'environment', ARRAY['old'],
          now() - INTERVAL '%d seconds')
        """;
    execute(killed.formatted(40));
    assertThatExceptionOfType(StaleReplicasException.class)
        .isThrownBy(() -> vault.rotate(NOWHERE))
        .withMessageContaining("killed:1");
    execute("DELETE FROM replicas");
    execute(killed.formatted(61));
    assertThat(vault.rotate(NOWHERE).unusedKeys()).hasSize(1);
  }

  @Test
  void replicaThatStartsWhileTheKeyIsExchangedIsRefused() throws Exception {
    Vault late = vault(given(OLD));
    try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
      Future<?> start =
          database.write(connection -> {
            try (Statement statement = connection.createStatement()) {
              statement.execute("UPDATE data_keys SET kek = '%s'".formatted(id(NEW)));
            }
            Future<?> starting =
                threads.submit(() -> {
                  late.heartbeat().start();
                  return late;
                });
            Await.value(
                1L,
                () ->
                    count(
                        "pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"));
            return starting;
          });
      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(start::get)
          .withCauseInstanceOf(VaultException.class)
          .withMessageContaining(id(NEW));
    }
    assertThat(count("replicas")).isZero();
  }

  @Test
  void rotationThatBreaksHalfwayLeavesAllReadableAndIsFinishedWithTheSameKey() throws Exception {
    Vault one = replica(file());
    Vault other = replica(file());
    UUID row = UUID.randomUUID();
    String ciphertext = rowKey(one, row).seal("/a", "text");
    execute(
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'halfway'; END $$;
        CREATE TRIGGER refused BEFORE UPDATE ON data_keys FOR EACH ROW
          WHEN (OLD.owner_table = 'providers') EXECUTE FUNCTION refuse()
        """);

    assertThatExceptionOfType(DatabaseException.class)
        .isThrownBy(() -> one.rotate(NOWHERE))
        .withMessageContaining("halfway");
    assertThat(one.status().outdated()).isEqualTo(1);
    for (Vault vault : List.of(one, other, vault(file()))) {
      assertThat(rowKey(vault, row).open("/a", ciphertext)).contains("text");
      String fresh = rowKey(vault, new UUID(1, 1)).seal("/a", "fresh");
      assertThat(rowKey(other, new UUID(1, 1)).open("/a", fresh)).contains("fresh");
    }
    String pending = keys().getFirst().id();
    execute("DROP TRIGGER refused ON data_keys");
    assertThat(other.rotate(NOWHERE).key()).isEqualTo(pending);
    assertThat(keys()).extracting(KeyEncryptionKey::id).containsExactly(pending);
    assertThat(rowKey(one, row).open("/a", ciphertext)).contains("text");
  }

  @Test
  void replicaWithoutTheKeyInUseIsNotReadyAndRotatesNothing() {
    Vault vault = vault(given(OLD));
    execute("UPDATE data_keys SET kek = '%s'".formatted(id(NEW)));

    vault.heartbeat().beat();
    assertThat(vault.heartbeat().unreadyReason().orElseThrow()).contains(id(NEW));
    assertThatExceptionOfType(VaultException.class)
        .isThrownBy(() -> vault.rotate(NOWHERE))
        .withMessageContaining("SECRETS_KEY");
  }

  @Test
  void lostFileStopsARotationButNotARunningReplica() throws Exception {
    UUID row = UUID.randomUUID();
    Vault vault = vault(file());
    String ciphertext = rowKey(vault, row).seal("/a", "text");
    Files.delete(folder.resolve("master.key"));

    vault.heartbeat().beat();
    assertThat(vault.heartbeat().unreadyReason()).isEmpty();
    assertThat(rowKey(vault, row).open("/a", ciphertext)).contains("text");
    assertThatExceptionOfType(VaultException.class)
        .isThrownBy(() -> vault.rotate(NOWHERE))
        .withMessageContaining("master.key is missing");
    assertThat(folder.resolve("master.key")).doesNotExist();
  }

  private long count(String rows) {
    return database.read(connection -> {
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SELECT count(*) FROM " + rows)) {
        row.next();
        return row.getLong(1);
      }
    });
  }

  private void execute(String sql) {
    database.write(connection -> {
      try (Statement statement = connection.createStatement()) {
        return statement.execute(sql);
      }
    });
  }
}
