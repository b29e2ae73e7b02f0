package dev.agentlab.audit;

import dev.agentlab.database.Database;
import dev.agentlab.database.DatabaseException;
import dev.agentlab.database.Row;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.PageRange;
import dev.agentlab.listing.PageRequest;
import dev.agentlab.secrets.KeyedHash;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads and verifies the audit trail. Safe for all threads.
///
/// Every method throws [UnavailableException] while the database is unavailable.
public final class AuditReader {
  private static final Logger LOG = LoggerFactory.getLogger(AuditReader.class);

  /// Small, because a row may contain two configurations of one megabyte each.
  private static final int BATCH_SIZE = 64;

  private final Database database;
  private final AuditHasher hashes;
  private final PageLimits limits;
  private final AuditChainWorker chainWorker;
  private final Semaphore verificationPermit = new Semaphore(1);

  /// Creates a reader of the audit trail.
  ///
  /// @param key the keyed hash that the trail was recorded with
  /// @param chainWorker the chain, which tracks rows that must exist
  public AuditReader(
      Database database, KeyedHash key, PageLimits limits, AuditChainWorker chainWorker) {
    this.database = database;
    this.hashes = new AuditHasher(key);
    this.limits = limits;
    this.chainWorker = chainWorker;
  }

  /// Finds one page of the matching rows, the newest first. Chains the committed rows first, so
  /// that the result includes them.
  public Page<AuditEvent> search(AuditQuery query, PageRequest page) {
    PageRange window = limits.window(page);
    PostgresAuditFilter filter = PostgresAuditFilter.of(query);
    chainCommitted();
    return database
        .read(connection ->
            filter.isEmpty()
                ? findUnfiltered(connection, window)
                : filter.findPage(connection, window, PostgresAuditRows::read))
        .map(AuditEvent::of);
  }

  /// Finds one row.
  ///
  /// @throws AuditEventNotFoundException if there is no row with the sequence number
  public AuditEvent find(long seq) {
    return database.read(connection -> PostgresAuditRows.findBetween(connection, seq, seq)).stream()
        .findFirst()
        .map(AuditEvent::of)
        .orElseThrow(() -> new AuditEventNotFoundException(seq));
  }

  private void chainCommitted() {
    try {
      chainWorker.chain(true);
    } catch (DatabaseException | UnavailableException e) {
      LOG.debug("cannot chain the newest changes, which are not listed", e);
    }
  }

  /// Sequence numbers have no gaps, so the range of a page is computed and every page is equally
  /// fast.
  private static Page<StoredAuditRow> findUnfiltered(Connection connection, PageRange window)
      throws SQLException {
    long total = maxSeq(connection);
    long last = Math.max(0, total - window.offset());
    long first = Math.max(0, last - window.size()) + 1;
    String page = "SELECT seq FROM audit WHERE seq BETWEEN :first AND :last";
    SqlStatement select =
        new SqlStatement(connection, PostgresAuditRows.PAGE.select(page, "seq DESC"))
            .bind("first", first)
            .bind("last", last);
    return Page.of(PostgresAuditRows.PAGE.read(select, PostgresAuditRows::read), total, window);
  }

  private static long maxSeq(Connection connection) throws SQLException {
    return new SqlStatement(connection, "SELECT coalesce(max(seq), 0) AS newest FROM audit")
        .one(row -> row.number("newest"));
  }

  /// Verifies the trail: reads it in batches and recomputes every hash, also of rows that are not
  /// chained yet. Rows added meanwhile are ignored. The trail must also contain the head that the
  /// service stored. A missing or modified row is logged as an error. Only one verification runs at
  /// a time.
  ///
  /// @param expected an earlier head that the trail must still contain; if it does not, the report
  ///   has a defect and nothing is logged
  /// @param isWanted polled between batches; the verification ends once it returns false
  /// @throws UnavailableException also if the verification is no longer wanted, or another one is
  ///   running
  public VerificationReport verify(Optional<AuditHead> expected, BooleanSupplier isWanted) {
    if (!verificationPermit.tryAcquire()) {
      throw new UnavailableException(
          "a verification of the audit trail is already running; retry when it is finished",
          Duration.ofSeconds(5),
          new IllegalStateException("only one verification runs at a time"));
    }
    try {
      return runVerification(expected, isWanted);
    } finally {
      verificationPermit.release();
    }
  }

  private VerificationReport runVerification(
      Optional<AuditHead> expected, BooleanSupplier isWanted) {
    // Counted before the bounds are read: rows are chained meanwhile.
    long removed = chainWorker.countRemoved();
    TrailBounds bounds = database.read(AuditReader::findBounds);
    AuditVerifier verifier = new AuditVerifier(hashes, expected);
    long first = Math.min(1, bounds.oldest());
    while (verifier.isIntact() && first <= bounds.newest()) {
      requireWanted(isWanted);
      long from = first;
      long upTo = Math.min(bounds.newest(), from + BATCH_SIZE - 1);
      verifier.verify(
          database.read(connection -> PostgresAuditRows.findBetween(connection, from, upTo)), upTo);
      first = upTo + 1;
    }
    verifier.verifyHead(bounds.head(), bounds.mac());
    checkUnchained(verifier, removed, bounds, isWanted);
    verifier
        .firstDefect()
        .ifPresent(broken ->
            LOG.error("the audit trail is broken at row {}: {}", broken.seq(), broken.why()));
    return verifier.report(bounds.unchained());
  }

  private void checkUnchained(
      AuditVerifier verifier, long removed, TrailBounds bounds, BooleanSupplier isWanted) {
    if (removed > 0) {
      verifier.addUnchainedDefect(
          "rows were removed before they were chained: %d".formatted(removed));
    }
    long position = 0;
    while (verifier.isIntact() && position < bounds.lastUnchained()) {
      requireWanted(isWanted);
      long after = position;
      List<PostgresUnchainedRows.Stored> rows =
          database.read(connection -> PostgresUnchainedRows.findAfter(connection, after));
      rows.forEach(row -> row.findDefect(hashes).ifPresent(verifier::addUnchainedDefect));
      position = rows.isEmpty() ? bounds.lastUnchained() : rows.getLast().position();
    }
  }

  private static void requireWanted(BooleanSupplier isWanted) {
    if (!isWanted.getAsBoolean()) {
      throw new UnavailableException(
          "the verification of the audit trail was cancelled because the client disconnected",
          Duration.ofSeconds(1),
          new CancellationException());
    }
  }

  /// The bounds of the trail in one snapshot.
  ///
  /// @param oldest the least `seq`; 1 if there are no rows
  /// @param newest the greatest `seq` of the rows and the head
  /// @param unchained the number of rows that are not chained
  /// @param lastUnchained the position of the last unchained row; 0 if there is none
  private record TrailBounds(
      long oldest,
      long newest,
      long unchained,
      long lastUnchained,
      Optional<AuditHead> head,
      AuditHash mac) {}

  private static TrailBounds findBounds(Connection connection) throws SQLException {
    String sql =
        """
        SELECT coalesce(oldest, 1) AS oldest, greatest(newest, seq, 0) AS newest, seq, hash, mac,
          unchained, last
        FROM (SELECT min(seq) AS oldest, max(seq) AS newest FROM audit) AS rows
          CROSS JOIN (
            SELECT count(*) AS unchained, coalesce(max(position), 0) AS last FROM audit_unchained
          ) AS waiting
          LEFT JOIN audit_head ON true
        """;
    return new SqlStatement(connection, sql).one(AuditReader::readBounds);
  }

  private static TrailBounds readBounds(Row row) throws SQLException {
    boolean isHeadMissing = row.optionalBytes("hash").isEmpty();
    return new TrailBounds(
        row.number("oldest"),
        row.number("newest"),
        row.number("unchained"),
        row.number("last"),
        isHeadMissing
            ? Optional.empty()
            : Optional.of(new AuditHead(row.number("seq"), AuditHash.of(row.bytes("hash")))),
        isHeadMissing ? AuditHash.NONE : AuditHash.of(row.bytes("mac")));
  }
}
