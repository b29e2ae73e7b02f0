package dev.agentlab.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.agentlab.audit.AuditEntry;
import dev.agentlab.audit.AuditTrail;
import dev.agentlab.audit.ResourceState;
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
import java.util.Optional;
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
  private static final Secret OLD_KEY = Secret.of(KeyEncryptionKey.random().base64());
  private static final Secret NEW_KEY = Secret.of(KeyEncryptionKey.random().base64());

  private static final byte[] EMPTY = {};

  private static final AuditTrail NO_AUDIT = (_, _) -> {};

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

  private KeyEncryptionKeySource keyFile() {
    return new KeyEncryptionKeySource.KeyFile(folder.resolve("master.key"));
  }

  private static KeyEncryptionKeySource configured(Secret key, Secret... previous) {
    return new KeyEncryptionKeySource.Configured(key, List.of(previous));
  }

  private Vault startVault(KeyEncryptionKeySource source) {
    return TestVault.start(source, database);
  }

  /// Starts a vault with its heartbeat, as a running replica does.
  private Vault startReplica(KeyEncryptionKeySource source) throws InterruptedException {
    Vault vault = startVault(source);
    vault.heartbeat().start();
    heartbeats.add(vault.heartbeat());
    return vault;
  }

  /// Reads the keys in the file, the newest first.
  private List<KeyEncryptionKey> readKeyFile() {
    return new KeyEncryptionKeyFile(folder.resolve("master.key")).read();
  }

  private RowCipher rowCipher(Vault vault, UUID id) {
    return database.write(c -> vault.dataKeys().findOrCreate(c, "providers", id));
  }

  private static String id(Secret key) {
    return KeyEncryptionKey.of(key).id();
  }

  @Test
  void firstStartCreatesTheKeyFileThatLaterStartsRead() {
    UUID row = UUID.randomUUID();
    Vault first = startVault(keyFile());
    String ciphertext = rowCipher(first, row).encrypt("/a", "text");
    byte[] hash = first.keyedHash("audit").compute(new byte[] {1});

    assertThat(folder.resolve("master.key")).isRegularFile();
    Vault second = startVault(keyFile());
    assertThat(rowCipher(second, row).decrypt("/a", ciphertext)).contains("text");
    assertThat(second.keyedHash("audit").compute(new byte[] {1})).isEqualTo(hash);
    assertThat(second.status())
        .isEqualTo(new VaultStatus(second.status().key(), "file", 2, 0, List.of()));
  }

  @Test
  void startDeletesDraftsOfAKilledRotation() throws Exception {
    startVault(keyFile());
    Path draft =
        Files.writeString(
            folder.resolve("master.key." + UUID.randomUUID()), NEW_KEY.reveal().substring(0, 30));

    startVault(keyFile());

    assertThat(draft).doesNotExist();
  }

  @Test
  void vaultIsUnavailableBeforeItsStart() {
    Vault vault = new Vault(keyFile(), database, 8080);
    assertThatExceptionOfType(UnavailableException.class)
        .isThrownBy(() -> vault.keyedHash("audit").compute(EMPTY));
    assertThatExceptionOfType(UnavailableException.class).isThrownBy(() -> vault.rotate(NO_AUDIT));
    assertThatExceptionOfType(UnavailableException.class)
        .isThrownBy(() -> rowCipher(vault, UUID.randomUUID()));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void missingKeyErrorNamesBothKeysAndTheSettings() {
    startVault(configured(OLD_KEY));
    assertThatExceptionOfType(VaultException.class)
        .isThrownBy(() -> startVault(configured(NEW_KEY)))
        .withMessageContaining(id(OLD_KEY))
        .withMessageContaining(id(NEW_KEY))
        .withMessageContaining("SECRETS_KEY")
        .withMessageContaining("SECRETS_PREVIOUS_KEYS")
        .withMessageNotContaining(OLD_KEY.reveal())
        .withMessageNotContaining(NEW_KEY.reveal());
  }

  @Test
  void keyFileReadableByOthersFailsTheStart() throws Exception {
    startVault(keyFile());
    Files.setPosixFilePermissions(
        folder.resolve("master.key"), PosixFilePermissions.fromString("rw-r--r--"));
    assertThatExceptionOfType(VaultException.class)
        .isThrownBy(() -> startVault(keyFile()))
        .withMessageContaining("chmod 600");
  }

  @Test
  void lostKeyFileFailsTheStartAndIsNotRecreated() throws Exception {
    startVault(keyFile());
    Files.delete(folder.resolve("master.key"));
    assertThatExceptionOfType(VaultException.class)
        .isThrownBy(() -> startVault(keyFile()))
        .withMessageContaining("has no key")
        .withMessageContaining("master.key");
    assertThat(folder.resolve("master.key")).doesNotExist();
  }

  @Test
  void modifiedOrSwappedDataKeyIsUnreadable() {
    Vault vault = startVault(configured(OLD_KEY));
    UUID one = UUID.randomUUID();
    UUID other = UUID.randomUUID();
    rowCipher(vault, one);
    rowCipher(vault, other);
    execute(
        """
        UPDATE data_keys SET wrapped = (SELECT wrapped FROM data_keys WHERE owner_id = '%s')
        WHERE owner_id = '%s'
        """
            .formatted(other, one));
    assertThatExceptionOfType(UnreadableSecretException.class)
        .isThrownBy(() -> rowCipher(vault, one))
        .withMessageContaining("belongs to another row");
    execute("UPDATE data_keys SET wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1)");
    assertThatExceptionOfType(UnreadableSecretException.class)
        .isThrownBy(() -> rowCipher(vault, other));
    assertThatExceptionOfType(VaultException.class)
        .isThrownBy(() -> startVault(configured(OLD_KEY)));
  }

  @Test
  void concurrentStartsCreateOneRootKey() throws Exception {
    List<Callable<byte[]>> replicas = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      replicas.add(() -> startVault(keyFile()).keyedHash("audit").compute(EMPTY));
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
  void replicaWithoutTheKeyFileIsRejectedAndCreatesNone() {
    startVault(keyFile());
    Path otherFile = folder.resolve("elsewhere/master.key");
    assertThatExceptionOfType(VaultException.class)
        .isThrownBy(() -> startVault(new KeyEncryptionKeySource.KeyFile(otherFile)))
        .withMessageContaining("need the same key");
    assertThat(otherFile).doesNotExist();
  }

  @Test
  void rotationOfAKeyFileRemovesTheOldKeyAndReplicasReadTheNewOne() {
    UUID row = UUID.randomUUID();
    Vault one = startVault(keyFile());
    Vault other = startVault(keyFile());
    String ciphertext = rowCipher(one, row).encrypt("/a", "text");
    String before = one.status().key();
    byte[] hash = one.keyedHash("audit").compute(EMPTY);

    RotationResult rotation = one.rotate(NO_AUDIT);
    assertThat(rotation.rewrapped()).isEqualTo(2);
    assertThat(rotation.key()).isNotEqualTo(before);
    assertThat(rotation.unusedKeys()).containsExactly(before);
    assertThat(new KeyEncryptionKeyFile(folder.resolve("master.key")).read())
        .extracting(KeyEncryptionKey::id)
        .containsExactly(rotation.key());
    assertThat(rowCipher(other, row).decrypt("/a", ciphertext)).contains("text");
    String later = rowCipher(other, UUID.randomUUID()).encrypt("/a", "later");
    assertThat(later).isNotEmpty();
    assertThat(other.status()).isEqualTo(new VaultStatus(rotation.key(), "file", 3, 0, List.of()));
    assertThat(startVault(keyFile()).keyedHash("audit").compute(EMPTY)).isEqualTo(hash);
  }

  @Test
  void rotationOfAConfiguredKeyRewrapsFromPreviousKeys() {
    UUID row = UUID.randomUUID();
    String ciphertext = rowCipher(startVault(configured(OLD_KEY)), row).encrypt("/a", "text");

    Vault both = startVault(configured(NEW_KEY, OLD_KEY));
    assertThat(both.status())
        .isEqualTo(new VaultStatus(id(NEW_KEY), "environment", 2, 2, List.of()));
    assertThat(rowCipher(both, row).decrypt("/a", ciphertext)).contains("text");
    assertThat(both.rotate(NO_AUDIT))
        .isEqualTo(new RotationResult(id(NEW_KEY), 2, List.of(id(OLD_KEY))));
    assertThat(both.rotate(NO_AUDIT))
        .isEqualTo(new RotationResult(id(NEW_KEY), 0, List.of(id(OLD_KEY))));
    assertThat(rowCipher(startVault(configured(NEW_KEY)), row).decrypt("/a", ciphertext))
        .contains("text");
  }

  @Test
  void interruptedRotationIsFinishedByTheNextOne() {
    UUID row = UUID.randomUUID();
    Vault vault = startVault(keyFile());
    String ciphertext = rowCipher(vault, row).encrypt("/a", "text");
    // The new key is in the file, but no data key is wrapped with it yet.
    new KeyEncryptionKeyFile(folder.resolve("master.key"))
        .update(old -> List.of(KeyEncryptionKey.random(), old.getFirst()));

    Vault next = startVault(keyFile());
    assertThat(next.status().outdated()).isEqualTo(2);
    String pending = next.status().key();
    RotationResult rotation = next.rotate(NO_AUDIT);
    assertThat(rotation.key()).isEqualTo(pending);
    assertThat(rotation.unusedKeys()).hasSize(1);
    assertThat(rowCipher(next, row).decrypt("/a", ciphertext)).contains("text");
  }

  private static String text(Optional<ResourceState> state) {
    return state
        .orElseThrow()
        .toJson(_ -> {
          throw new AssertionError("the state contains a secret");
        })
        .toString();
  }

  @Test
  void finishedRotationIsAuditedWithKeysBeforeAndAfter() {
    Vault vault = startVault(keyFile());
    rowCipher(vault, UUID.randomUUID());
    String before = vault.status().key();
    List<AuditEntry> entries = new ArrayList<>();

    RotationResult rotation = vault.rotate((_, entry) -> entries.add(entry));
    assertThat(entries).hasSize(1);
    AuditEntry entry = entries.getFirst();
    assertThat(entry.action()).isEqualTo("secrets.rotated");
    assertThat(text(entry.before())).isEqualTo("{\"keys\":[\"%s\"]}".formatted(before));
    assertThat(text(entry.after()))
        .isEqualTo(
            "{\"key\":\"%s\",\"rewrapped\":2,\"unused_keys\":[\"%s\"]}"
                .formatted(rotation.key(), before));
  }

  @Test
  void rotationThatCannotBeAuditedFailsAndKeepsTheOldKey() {
    UUID row = UUID.randomUUID();
    Vault vault = startVault(keyFile());
    String ciphertext = rowCipher(vault, row).encrypt("/a", "text");
    AuditTrail full =
        (_, _) -> {
          throw new SQLException("full");
        };

    assertThatExceptionOfType(DatabaseException.class)
        .isThrownBy(() -> vault.rotate(full))
        .withMessageContaining("full");
    assertThat(new KeyEncryptionKeyFile(folder.resolve("master.key")).read()).hasSize(2);
    assertThat(rowCipher(startVault(keyFile()), row).decrypt("/a", ciphertext)).contains("text");
    assertThat(vault.rotate(NO_AUDIT).unusedKeys()).hasSize(1);
  }

  @Test
  void rotationIsNotRepeatedWhenItsConnectionBreaksAtTheEnd() throws Exception {
    DatabaseSettings.External external = (DatabaseSettings.External) settings.server();
    List<AuditEntry> entries = new ArrayList<>();
    try (PostgresProxy proxy = new PostgresProxy(external.dsn(), "agent-lab")) {
      Database unsteady = TestPostgres.start(TestPostgres.settings(proxy.dsn()));
      try {
        Vault vault = TestVault.start(keyFile(), unsteady);
        proxy.disconnectBefore("pg_advisory_unlock");

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
  void concurrentRotationIsRejected() {
    Vault vault = startVault(keyFile());
    database.read(connection -> {
      try (Statement statement = connection.createStatement()) {
        statement.execute("SELECT pg_advisory_lock(x'616c726f74617465'::bigint)");
        assertThatExceptionOfType(RotationInProgressException.class)
            .isThrownBy(() -> vault.rotate(NO_AUDIT));
        return statement.execute("SELECT pg_advisory_unlock(x'616c726f74617465'::bigint)");
      }
    });
    assertThat(vault.rotate(NO_AUDIT).rewrapped()).isEqualTo(1);
  }

  @Test
  void replicasWithASharedFileReadTheNewKeyBeforeItIsUsed() throws Exception {
    Vault one = startReplica(keyFile());
    Vault other = startReplica(keyFile());
    UUID row = UUID.randomUUID();
    String ciphertext = rowCipher(other, row).encrypt("/a", "text");

    RotationResult rotation = one.rotate(NO_AUDIT);
    assertThat(readKeyFile()).extracting(KeyEncryptionKey::id).containsExactly(rotation.key());
    assertThat(rowCipher(other, row).decrypt("/a", ciphertext)).contains("text");
    assertThat(other.heartbeat().unreadyReason()).isEmpty();
  }

  @Test
  void staleReplicaFailsTheRotationAndKeepsItsKey() throws Exception {
    Vault one = startReplica(keyFile());
    Secret old = Secret.of(readKeyFile().getFirst().base64());
    Vault other = startReplica(configured(old));

    assertThatExceptionOfType(StaleReplicasException.class)
        .isThrownBy(() -> one.rotate(NO_AUDIT))
        .withMessageContaining(":8080 (environment) lacks the key " + readKeyFile().getFirst().id())
        .withMessageContaining("SECRETS_KEY");
    assertThat(readKeyFile()).extracting(KeyEncryptionKey::id).hasSize(2).endsWith(id(old));
    String later = rowCipher(one, new UUID(1, 1)).encrypt("/a", "later");
    assertThat(rowCipher(other, new UUID(1, 1)).decrypt("/a", later)).contains("later");
    assertThat(one.status().staleReplicas())
        .containsExactlyElementsOf(other.status().staleReplicas())
        .hasSize(1);
  }

  @Test
  void stoppedReplicaDoesNotBlockRotation() throws Exception {
    Vault one = startReplica(keyFile());
    Vault other = startReplica(configured(Secret.of(readKeyFile().getFirst().base64())));

    other.heartbeat().stop(Duration.ofSeconds(5));
    assertThat(one.rotate(NO_AUDIT).unusedKeys()).hasSize(1);
  }

  @Test
  void killedReplicaBlocksRotationForAMinute() {
    Vault vault = startVault(keyFile());
    String killed =
        """
        INSERT INTO replicas VALUES (gen_random_uuid(), 'killed:1', 'environment', ARRAY['old'],
          now() - INTERVAL '%d seconds')
        """;
    execute(killed.formatted(40));
    assertThatExceptionOfType(StaleReplicasException.class)
        .isThrownBy(() -> vault.rotate(NO_AUDIT))
        .withMessageContaining("killed:1");
    execute("DELETE FROM replicas");
    execute(killed.formatted(61));
    assertThat(vault.rotate(NO_AUDIT).unusedKeys()).hasSize(1);
  }

  @Test
  void replicaWithTheOldKeyStartingDuringRotationIsRejected() throws Exception {
    Vault late = startVault(configured(OLD_KEY));
    try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
      Future<?> start =
          database.write(connection -> {
            try (Statement statement = connection.createStatement()) {
              statement.execute("UPDATE data_keys SET kek = '%s'".formatted(id(NEW_KEY)));
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
          .withMessageContaining(id(NEW_KEY));
    }
    assertThat(count("replicas")).isZero();
  }

  @Test
  void failedRotationKeepsSecretsReadableAndResumesWithTheSameKey() throws Exception {
    Vault one = startReplica(keyFile());
    Vault other = startReplica(keyFile());
    UUID row = UUID.randomUUID();
    String ciphertext = rowCipher(one, row).encrypt("/a", "text");
    execute(
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'halfway'; END $$;
        CREATE TRIGGER refused BEFORE UPDATE ON data_keys FOR EACH ROW
          WHEN (OLD.owner_table = 'providers') EXECUTE FUNCTION refuse()
        """);

    assertThatExceptionOfType(DatabaseException.class)
        .isThrownBy(() -> one.rotate(NO_AUDIT))
        .withMessageContaining("halfway");
    assertThat(one.status().outdated()).isEqualTo(1);
    for (Vault vault : List.of(one, other, startVault(keyFile()))) {
      assertThat(rowCipher(vault, row).decrypt("/a", ciphertext)).contains("text");
      String fresh = rowCipher(vault, new UUID(1, 1)).encrypt("/a", "fresh");
      assertThat(rowCipher(other, new UUID(1, 1)).decrypt("/a", fresh)).contains("fresh");
    }
    String pending = readKeyFile().getFirst().id();
    execute("DROP TRIGGER refused ON data_keys");
    assertThat(other.rotate(NO_AUDIT).key()).isEqualTo(pending);
    assertThat(readKeyFile()).extracting(KeyEncryptionKey::id).containsExactly(pending);
    assertThat(rowCipher(one, row).decrypt("/a", ciphertext)).contains("text");
  }

  @Test
  void replicaWithoutTheKeyInUseIsNotReadyAndCannotRotate() {
    Vault vault = startVault(configured(OLD_KEY));
    execute("UPDATE data_keys SET kek = '%s'".formatted(id(NEW_KEY)));

    vault.heartbeat().refresh();
    assertThat(vault.heartbeat().unreadyReason().orElseThrow()).contains(id(NEW_KEY));
    assertThatExceptionOfType(VaultException.class)
        .isThrownBy(() -> vault.rotate(NO_AUDIT))
        .withMessageContaining("SECRETS_KEY");
  }

  @Test
  void lostKeyFileFailsRotationButNotARunningReplica() throws Exception {
    UUID row = UUID.randomUUID();
    Vault vault = startVault(keyFile());
    String ciphertext = rowCipher(vault, row).encrypt("/a", "text");
    Files.delete(folder.resolve("master.key"));

    vault.heartbeat().refresh();
    assertThat(vault.heartbeat().unreadyReason()).isEmpty();
    assertThat(rowCipher(vault, row).decrypt("/a", ciphertext)).contains("text");
    assertThatExceptionOfType(VaultException.class)
        .isThrownBy(() -> vault.rotate(NO_AUDIT))
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
