package dev.agentlab.audit;

import dev.agentlab.audit.VerificationReport.Broken;
import java.util.List;
import java.util.Optional;

/// Verifies an audit trail row by row and keeps its first defect. Not thread-safe.
final class AuditVerifier {
  private final AuditHashes hashes;
  private final Optional<AuditHead> remembered;
  private final Optional<AuditHead> expected;
  private AuditHead last = AuditHead.START;
  private Optional<Broken> broken = Optional.empty();

  /// The first difference from the head that the caller expects, which may be forged.
  private Optional<Broken> unexpected = Optional.empty();

  /// @param remembered a head that the service stored, which the trail must contain
  /// @param expected a head that the trail must contain according to the caller
  AuditVerifier(AuditHashes hashes, Optional<AuditHead> remembered, Optional<AuditHead> expected) {
    this.hashes = hashes;
    this.remembered = remembered;
    this.expected = expected;
    check(last);
  }

  boolean isIntact() {
    return broken.isEmpty();
  }

  /// The first defect, regardless of the head that the caller expects.
  Optional<Broken> broken() {
    return broken;
  }

  /// Verifies the next rows.
  ///
  /// @param rows all rows from the next `seq` up to `upTo`, in this order
  /// @param upTo the last `seq` of the rows
  void take(List<StoredAuditRow> rows, long upTo) {
    for (StoredAuditRow row : rows) {
      take(row);
    }
    if (last.seq() < upTo) {
      fail(last.seq() + 1, "the row is missing");
    }
  }

  private void take(StoredAuditRow stored) {
    AuditRow row = stored.row();
    if (row.seq() <= last.seq()) {
      fail(row.seq(), "the row is unexpected");
    } else if (row.seq() > last.seq() + 1) {
      fail(last.seq() + 1, "the row is missing");
    } else if (!row.previousHash().equals(last.hash())) {
      fail(row.seq(), "the previous hash does not match the hash of the previous row");
    } else if (!hashes.of(row).equals(stored.hash())) {
      fail(row.seq(), "the hash does not match the content of the row");
    } else if (isIntact()) {
      last = stored.head();
      check(last);
    }
  }

  private void check(AuditHead row) {
    if (isOther(remembered, row)) {
      fail(row.seq(), "the row differs from the stored head");
    }
    if (isOther(expected, row)) {
      unexpected =
          Optional.of(
              new Broken(
                  row.seq(),
                  "its hash is not the expected one: the expected head is of another trail or"
                      + " mistyped, or the trail was rewritten"));
    }
  }

  private static boolean isOther(Optional<AuditHead> required, AuditHead row) {
    return required.filter(it -> it.seq() == row.seq() && !it.equals(row)).isPresent();
  }

  /// Verifies the head of the trail.
  ///
  /// @param head the row of `audit_head`, if it exists
  /// @param mac the stored MAC of the head
  void end(Optional<AuditHead> head, AuditHash mac) {
    long next = last.seq() + 1;
    missing(remembered).ifPresent(it -> fail(it.seq(), it.why()));
    if (head.isEmpty()) {
      fail(next, "the head is missing, so there may have been more rows");
    } else if (!head.get().equals(last)) {
      fail(Math.min(next, head.get().seq() + 1), "the head does not match the last row");
    } else if (!hashes.areOf(last, mac)) {
      fail(next, "the MAC of the head does not match, so there may have been more rows");
    }
  }

  private Optional<Broken> missing(Optional<AuditHead> required) {
    return required
        .filter(it -> it.seq() > last.seq())
        .map(it ->
            new Broken(
                last.seq() + 1,
                "the row is missing: the trail continued to %d".formatted(it.seq())));
  }

  /// Adds a defect of the rows that are not chained.
  void unchained(String why) {
    fail(last.seq() + 1, why);
  }

  /// Creates the report.
  ///
  /// @param unchained the number of rows that are not chained yet
  VerificationReport report(long unchained) {
    Optional<Broken> unmet = unexpected.or(this::absent);
    return new VerificationReport(
        last.seq(), unchained, broken.isEmpty() && unmet.isEmpty(), broken, unmet, last);
  }

  /// Reports an expected row after the end of an intact trail.
  private Optional<Broken> absent() {
    return expected
        .filter(it -> isIntact() && it.seq() > last.seq())
        .map(it ->
            new Broken(
                it.seq(),
                "there is no such row, the trail ends at row %d: the expected head is of another"
                        .formatted(last.seq())
                    + " trail or mistyped, or rows were removed"));
  }

  private void fail(long seq, String why) {
    if (isIntact()) {
      broken = Optional.of(new Broken(seq, why));
    }
  }
}
