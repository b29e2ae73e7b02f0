package dev.agentlab.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Comparator;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The database cluster of an embedded server: its data and the passwords of its two roles.
///
/// A cluster that exists is complete and contains the program's role and database. It is created
/// under another name, without listening on a network, and then renamed.
///
/// @param home the folder with `data` and a file for each password
record PostgresCluster(Path home) {
  static final String SUPERUSER = "postgres";

  private static final int MAX_NAME_LENGTH = 63;

  private static final Logger LOG = LoggerFactory.getLogger(PostgresCluster.class);

  /// Returns the name of a database and its owner, which needs no quotes in SQL and in a file name.
  ///
  /// @throws IllegalArgumentException if it is invalid
  static String requireValidName(String name) {
    boolean valid =
        !name.isEmpty()
            && name.length() <= MAX_NAME_LENGTH
            && name.chars().allMatch(c -> c == '_' || isLetter(c) || isDigit(c))
            && !isDigit(name.charAt(0))
            && !name.equals(SUPERUSER)
            && !name.startsWith("pg_");
    if (!valid) {
      throw new IllegalArgumentException("not a name of a database: \"%s\"".formatted(name));
    }
    return name;
  }

  private static boolean isLetter(int c) {
    return c >= 'a' && c <= 'z';
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  Path data() {
    return home.resolve("data");
  }

  /// The major version of the programs that created the cluster.
  int major() throws IOException {
    Path file = data().resolve("PG_VERSION");
    String version = Files.readString(file).strip();
    return MajorVersion.parse(version)
        .orElseThrow(
            () -> new IOException("%s does not name a version: \"%s\"".formatted(file, version)));
  }

  /// The cluster that an upgrade keeps beside this one.
  ///
  /// @param major its version
  PostgresCluster movedAside(int major) {
    return new PostgresCluster(
        home.resolveSibling("%s-%d".formatted(FolderOperations.name(home), major)));
  }

  /// The newest cluster that an upgrade keeps beside this one, if this one does not exist: the
  /// upgrade was killed before it renamed the new cluster.
  Optional<PostgresCluster> unfinishedUpgrade() throws IOException {
    Path folder = FolderOperations.parent(home);
    if (Files.exists(home) || Files.notExists(folder)) {
      return Optional.empty();
    }
    String prefix = FolderOperations.name(home) + "-";
    return FolderOperations.children(folder).stream()
        .map(FolderOperations::name)
        .filter(it -> it.startsWith(prefix))
        .flatMapToInt(it -> MajorVersion.parse(it.substring(prefix.length())).stream())
        .boxed()
        .max(Comparator.naturalOrder())
        .map(this::movedAside);
  }

  /// The password of a role.
  String password(String role) throws IOException {
    return Files.readString(passwordFile(role));
  }

  /// @param name of the database and its owner
  void createIfMissing(PostgresPrograms programs, String name)
      throws IOException, InterruptedException {
    if (Files.notExists(home)) {
      LOG.info("creating a PostgreSQL database in {}", home);
      createDraft(programs, FolderOperations.parent(home), name).moveTo(this);
    }
  }

  /// Creates a cluster under a temporary name.
  ///
  /// @param parent the folder of the cluster
  /// @param name of the database and its owner
  static PostgresCluster createDraft(PostgresPrograms programs, Path parent, String name)
      throws IOException, InterruptedException {
    PostgresCluster draft =
        new PostgresCluster(Files.createTempDirectory(parent, FolderOperations.DRAFT_PREFIX));
    try {
      draft.create(programs, name);
      FolderOperations.syncPath(draft.home());
      return draft;
    } catch (IOException | InterruptedException e) {
      FolderOperations.deleteQuietly(draft.home());
      throw e;
    }
  }

  /// Moves the cluster, whose server must not be running, atomically and durably.
  ///
  /// @param target a cluster that does not exist, in the same folder
  void moveTo(PostgresCluster target) throws IOException {
    Files.move(home, target.home(), StandardCopyOption.ATOMIC_MOVE);
    FolderOperations.syncPath(FolderOperations.parent(target.home()));
  }

  private void create(PostgresPrograms programs, String name)
      throws IOException, InterruptedException {
    writePassword(SUPERUSER);
    writePassword(name);
    programs.run(
        "",
        "initdb",
        "--pgdata=" + data(),
        "--username=" + SUPERUSER,
        "--pwfile=" + passwordFile(SUPERUSER),
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        // Collation and case folding by Unicode's tables, identical on every machine.
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--data-checksums");
    String roles =
        """
        CREATE ROLE "%1$s" LOGIN PASSWORD '%2$s';
        CREATE DATABASE "%1$s" OWNER "%1$s";
        """
            .formatted(name, password(name));
    String output =
        programs.run(
            roles,
            "postgres",
            "--single",
            "-D",
            data().toString(),
            "-c",
            "log_min_messages=error",
            "-c",
            "log_min_error_statement=panic",
            "postgres");
    // A statement that fails does not change the exit code.
    if (output.contains("ERROR:")) {
      throw new IOException("cannot create the database: " + output);
    }
  }

  private Path passwordFile(String role) {
    return home.resolve(role + ".password");
  }

  private void writePassword(String role) throws IOException {
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    Path file =
        Files.createFile(
            passwordFile(role),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(
        file,
        Base64.getUrlEncoder().withoutPadding().encodeToString(random),
        StandardOpenOption.SYNC);
  }
}
