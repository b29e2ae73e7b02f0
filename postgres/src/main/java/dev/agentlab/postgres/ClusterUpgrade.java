package dev.agentlab.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Upgrades a cluster of an older major version: copies its database to a new cluster, and then
/// exchanges the two. The old cluster stays beside the new one, with its major version in its name.
///
/// A program that is killed leaves the old cluster complete, under its own name or, between the two
/// renames, under the name that [#undoUnfinished] restores.
///
/// @param cluster the cluster of the data folder
/// @param programs of the major version to upgrade to
/// @param programsFolder the folder in which the older programs are unpacked
/// @param name of the database and its owner
/// @param copy empty if databases cannot be copied
record ClusterUpgrade(
    PostgresCluster cluster,
    PostgresPrograms programs,
    Path programsFolder,
    String name,
    ServerSettings settings,
    Optional<EmbeddedPostgres.DatabaseCopy> copy) {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterUpgrade.class);
  private static final Duration STOP_TIMEOUT = Duration.ofMinutes(1);

  /// Renames the old cluster back if an upgrade was killed before the new one had its name.
  ///
  /// @param cluster the cluster of the data folder
  static void undoUnfinished(PostgresCluster cluster) throws IOException {
    Optional<PostgresCluster> old = cluster.unfinishedUpgrade();
    if (old.isPresent()) {
      LOG.warn("an upgrade was interrupted; {} is used again", old.get().home());
      old.get().moveTo(cluster);
    }
  }

  /// Upgrades the cluster if it exists and its major version is older than that of the programs.
  ///
  /// @throws UpgradeException if it cannot be upgraded
  /// @throws IOException if it is newer
  void runIfOlder() throws IOException, InterruptedException {
    if (Files.notExists(cluster.home())) {
      return;
    }
    int from = cluster.major();
    int to = programs.major();
    if (from > to) {
      throw new IOException(
          "its database is one of PostgreSQL %d, and this program has PostgreSQL %d; use a release with PostgreSQL %d"
              .formatted(from, to, from));
    }
    if (from < to) {
      run(from, to);
    }
  }

  private void run(int from, int to) throws IOException, InterruptedException {
    PostgresCluster kept = cluster.movedAside(from);
    if (Files.exists(kept.home())) {
      throw new IOException(
          "its database is one of PostgreSQL %d and is to be upgraded to %d, but %s exists already, where the old database is kept; delete it or move it away"
              .formatted(from, to, kept.home()));
    }
    String refusal =
        "its database is one of PostgreSQL %d and cannot be upgraded to %d: ".formatted(from, to);
    try {
      EmbeddedPostgres.DatabaseCopy copier =
          copy.orElseThrow(() -> new IOException("this program does not copy databases"));
      PostgresPrograms older = PostgresBinaries.unpackOlder(programsFolder, from);
      LOG.info("upgrading the database in {} from PostgreSQL {} to {}", cluster.home(), from, to);
      long start = System.nanoTime();
      PostgresCluster draft = copy(older, copier);
      publish(draft, kept);
      LOG.info(
          "upgraded the database to PostgreSQL {} in {} ms; {} has the old one and can be deleted",
          to,
          Duration.ofNanos(System.nanoTime() - start).toMillis(),
          kept.home());
    } catch (IOException e) {
      throw new UpgradeException(refusal + EmbeddedPostgres.describe(e), e);
    }
  }

  /// Copies the database to a new cluster under a temporary name. No server runs afterwards.
  private PostgresCluster copy(PostgresPrograms older, EmbeddedPostgres.DatabaseCopy copier)
      throws IOException, InterruptedException {
    PostgresCluster draft =
        PostgresCluster.createDraft(programs, FolderOperations.parent(cluster.home()), name);
    boolean complete = false;
    try {
      copy(older, draft, copier);
      complete = true;
      return draft;
    } finally {
      if (!complete) {
        FolderOperations.deleteQuietly(draft.home());
      }
    }
  }

  private void copy(
      PostgresPrograms older, PostgresCluster draft, EmbeddedPostgres.DatabaseCopy copier)
      throws IOException, InterruptedException {
    // Read-only, so that no client can write what is not copied.
    ClusterServer source = ClusterServer.start(older, cluster, settings.readOnly());
    try {
      ClusterServer target = ClusterServer.start(programs, draft, settings);
      try {
        copier.copy(source.access(name), target.access(name));
      } finally {
        target.stop(STOP_TIMEOUT);
      }
    } finally {
      source.stop(STOP_TIMEOUT);
    }
  }

  private void publish(PostgresCluster draft, PostgresCluster kept) throws IOException {
    cluster.moveTo(kept);
    try {
      draft.moveTo(cluster);
    } catch (IOException e) {
      kept.moveTo(cluster);
      throw e;
    }
  }
}
