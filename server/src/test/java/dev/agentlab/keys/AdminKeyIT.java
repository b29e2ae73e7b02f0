package dev.agentlab.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.agentlab.audit.AuditEntry;
import dev.agentlab.audit.ResourceState;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.database.DatabaseException;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.secrets.Secret;
import dev.agentlab.security.Actor;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.Caller;
import dev.agentlab.security.GrantableScopes;
import dev.agentlab.server.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class AdminKeyIT {
  private static final GrantableScopes SCOPES = TestServer.scopes();
  private static final KeyHashes HASHES = new KeyHashes(AdminKeyIT::hash, AdminKeyIT::hash);

  @TempDir private Path folder;

  private final Database database = TestPostgres.startMigrated();
  private final ChangeFeed changes = new ChangeFeed(database);

  private final List<AuditEntry> entries = new CopyOnWriteArrayList<>();
  private boolean recordable = true;

  @AfterEach
  void stop() throws Exception {
    changes.stop(Duration.ofSeconds(1));
    database.stop(Duration.ofSeconds(5));
  }

  private static byte[] hash(byte[] text) {
    byte[] hash = text.clone();
    for (int i = 0; i < hash.length; i++) {
      hash[i] ^= 0x55;
    }
    return hash;
  }

  private void record(Connection connection, AuditEntry entry) throws SQLException {
    assertThat(connection.getAutoCommit()).isFalse();
    assertThat(Actor.current().caller()).isEqualTo(Caller.SERVICE);
    if (!recordable) {
      throw new SQLException("cannot be recorded");
    }
    entries.add(entry);
  }

  private PostgresAdminKey adminKey(Path dataDir) {
    return new PostgresAdminKey(database, changes, SCOPES, HASHES, this::record, dataDir);
  }

  private AuthenticationResult authenticate(Path file) throws IOException {
    return ApiKeyAuthenticator.of(database, changes, SCOPES, HASHES, InstantSource.system())
        .verify(Secret.of(Files.readString(file).strip()));
  }

  private long count() {
    return database.read(connection -> {
      try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT count(*) FROM api_keys WHERE revoked_at IS NULL");
          ResultSet row = select.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    });
  }

  private void execute(String sql) {
    database.write(connection -> {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        return statement.execute();
      }
    });
  }

  private void refuseCommits() {
    execute(
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'commit refused'; END $$;
        CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON api_keys
          DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()\
        """);
  }

  @Test
  void firstStartCreatesAPrivateKeyFileWithAllScopes() throws Exception {
    Path data = folder.resolve("created/with/parents");
    adminKey(data).createIfMissing();
    String key = Files.readString(data.resolve("admin.key"));
    adminKey(data).createIfMissing();

    assertThat(key).matches("agl_admin_\\w{12}_\\w{49}\\n");
    assertThat(Files.readString(data.resolve("admin.key"))).isEqualTo(key);
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("admin.key"))))
        .isEqualTo("rw-------");
    assertThat(authenticate(data.resolve("admin.key")))
        .isInstanceOfSatisfying(
            AuthenticationResult.Accepted.class,
            it -> assertThat(it.caller().grants()).isEqualTo(SCOPES.allGrants()));
    try (Stream<Path> files = Files.list(data)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void resetRevokesTheKeysThatAdminKeysOwn() throws Exception {
    PostgresAdminKey admin = adminKey(folder);
    admin.createIfMissing();
    Caller caller =
        ((AuthenticationResult.Accepted) authenticate(folder.resolve("admin.key"))).caller();
    Keys keys =
        Keys.of(
            database,
            changes,
            new PageLimits(10, 10),
            SCOPES,
            _ -> Optional.empty(),
            _ -> Optional.empty(),
            HASHES,
            this::record);
    KeyInput input = new KeyInput("mine", List.of("invoke"), Optional.empty());
    UUID owned = keys.createOwn(input, caller).id();
    UUID unowned = keys.create(input, caller).id();

    admin.reset();

    assertThat(keys.find(owned).status()).isEqualTo(ApiKey.Status.REVOKED);
    assertThat(keys.find(unowned).status()).isEqualTo(ApiKey.Status.ACTIVE);
    assertThat(entries.stream().filter(it -> it.resource().id().equals(owned.toString())))
        .extracting(AuditEntry::action)
        .containsExactly("key.created", "key.revoked");
  }

  @Test
  void concurrentStartsCreateOneAdminKey() throws Exception {
    List<Future<?>> starts = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 8; i++) {
        Path own = folder.resolve("replica" + i);
        starts.add(
            threads.submit(() -> {
              adminKey(own).createIfMissing();
              return null;
            }));
      }
    }
    for (Future<?> start : starts) {
      start.get();
    }
    assertThat(count()).isEqualTo(1);
    assertThat(entries).extracting(AuditEntry::action).containsExactly("key.created");
    try (Stream<Path> files = Files.walk(folder)) {
      assertThat(files.filter(it -> it.endsWith("admin.key"))).hasSize(1);
    }
  }

  @Test
  void unwritableFileCreatesNoKey() throws Exception {
    Path file = Files.createFile(folder.resolve("not a folder"));

    assertThatExceptionOfType(AdminKeyFileException.class)
        .isThrownBy(() -> adminKey(file).createIfMissing())
        .withMessageContaining(file.toString());
    assertThat(count()).isZero();
  }

  @Test
  void failedCommitLeavesNoFile() {
    refuseCommits();

    assertThatExceptionOfType(RuntimeException.class)
        .isThrownBy(() -> adminKey(folder).createIfMissing())
        .withMessageContaining("commit refused");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void resetReplacesTheKeyAndRevokesTheLostOne() throws Exception {
    PostgresAdminKey admin = adminKey(folder);
    admin.createIfMissing();
    Path lost = Files.copy(folder.resolve("admin.key"), folder.resolve("lost"));
    Path file = admin.reset();

    assertThat(authenticate(file)).isInstanceOf(AuthenticationResult.Accepted.class);
    assertThat(authenticate(lost)).isInstanceOf(AuthenticationResult.Refused.class);
    assertThat(count()).isEqualTo(1);
  }

  @Test
  void startAndResetDeleteDraftsOfAKilledReset() throws Exception {
    PostgresAdminKey admin = adminKey(folder);
    admin.createIfMissing();
    String key = Files.readString(folder.resolve("admin.key"));
    Path draft = folder.resolve("admin.key." + UUID.randomUUID());

    Files.writeString(draft, key.substring(0, 40));
    admin.createIfMissing();
    assertThat(draft).doesNotExist();
    assertThat(folder.resolve("admin.key")).hasContent(key);

    Files.writeString(draft, key.substring(0, 40));
    admin.reset();
    assertThat(draft).doesNotExist();
  }

  @Test
  void revokedKeyCannotBeRestoredBySql() throws Exception {
    PostgresAdminKey admin = adminKey(folder);
    admin.createIfMissing();
    Path lost = Files.copy(folder.resolve("admin.key"), folder.resolve("lost"));
    admin.reset();
    execute("UPDATE api_keys SET revoked_at = NULL");

    assertThat(authenticate(lost)).isInstanceOf(AuthenticationResult.Refused.class);
    assertThat(authenticate(admin.reset())).isInstanceOf(AuthenticationResult.Accepted.class);
    assertThat(count()).isEqualTo(1);
  }

  @Test
  void resetRevokesKeysWithAForgedRevocation() throws Exception {
    PostgresAdminKey admin = adminKey(folder);
    admin.createIfMissing();
    Path lost = Files.copy(folder.resolve("admin.key"), folder.resolve("lost"));
    execute("UPDATE api_keys SET revoked_at = now()");
    Path file = admin.reset();
    execute("UPDATE api_keys SET revoked_at = NULL");

    assertThat(authenticate(lost)).isInstanceOf(AuthenticationResult.Refused.class);
    assertThat(authenticate(file)).isInstanceOf(AuthenticationResult.Accepted.class);
  }

  @Test
  void resetWithoutDatabaseKeepsTheFile() throws Exception {
    adminKey(folder).createIfMissing();
    String key = Files.readString(folder.resolve("admin.key"));
    database.stop(Duration.ofSeconds(5));

    assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> adminKey(folder).reset());
    assertThat(folder.resolve("admin.key")).hasContent(key);
  }

  @Test
  void resetThatIsNotCommittedKeepsTheKeyAndItsFile() throws Exception {
    adminKey(folder).createIfMissing();
    String key = Files.readString(folder.resolve("admin.key"));
    refuseCommits();

    assertThatExceptionOfType(RuntimeException.class)
        .isThrownBy(() -> adminKey(folder).reset())
        .withMessageContaining("commit refused");
    assertThat(folder.resolve("admin.key")).hasContent(key);
    assertThat(authenticate(folder.resolve("admin.key")))
        .isInstanceOf(AuthenticationResult.Accepted.class);
  }

  private static JsonNode json(Optional<ResourceState> state) {
    return state
        .orElseThrow()
        .toJson(_ -> {
          throw new AssertionError("the state contains a secret");
        });
  }

  @Test
  void resetIsAuditedWithoutTheKeys() throws Exception {
    PostgresAdminKey admin = adminKey(folder);
    admin.createIfMissing();
    String lost = Files.readString(folder.resolve("admin.key")).strip();
    String created = Files.readString(admin.reset()).strip();

    assertThat(entries)
        .extracting(AuditEntry::action)
        .containsExactly("key.created", "key.revoked", "key.created");
    assertThat(entries.get(1).resource()).isEqualTo(entries.get(0).resource());
    JsonNode before = json(entries.get(1).before());
    assertThat(before).isEqualTo(json(entries.get(0).after()));
    assertThat(before.get("status").asString()).isEqualTo("active");
    assertThat(json(entries.get(1).after()).get("status").asString()).isEqualTo("revoked");
    assertThat(json(entries.get(2).after()).get("type").asString()).isEqualTo("admin");
    assertThat(entries.stream().map(it -> it.resource() + " " + json(it.after())))
        .asString()
        .doesNotContain(
            lost.substring(lost.length() - 49), created.substring(created.length() - 49));
  }

  @Test
  void resetThatCannotBeAuditedKeepsTheKeyAndItsFile() throws Exception {
    PostgresAdminKey admin = adminKey(folder);
    admin.createIfMissing();
    String key = Files.readString(folder.resolve("admin.key"));
    recordable = false;

    assertThatExceptionOfType(DatabaseException.class)
        .isThrownBy(admin::reset)
        .withMessageContaining("cannot be recorded");
    assertThat(Files.readString(folder.resolve("admin.key"))).isEqualTo(key);
    assertThat(authenticate(folder.resolve("admin.key")))
        .isInstanceOf(AuthenticationResult.Accepted.class);
  }
}
