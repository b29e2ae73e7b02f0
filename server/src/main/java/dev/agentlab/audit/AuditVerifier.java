package dev.agentlab.audit;

import dev.agentlab.audit.VerificationReport.Defect;
import java.util.List;
import java.util.Optional;

/// Verifies an audit trail row by row and keeps its first defect. Not thread-safe.
final class AuditVerifier {
  private final AuditHasher hashes;
  private final Optional<AuditHead> expected;
  private AuditHead last = AuditHead.START;
  private Optional<Defect> firstDefect = Optional.empty();

  /// The first difference from the head that the caller expects, which may be forged.
  private Optional<Defect> expectationDefect = Optional.empty();

  /// @param expected a head that the trail must contain according to the caller
  AuditVerifier(AuditHasher hashes, Optional<AuditHead> expected) {
    this.hashes = hashes;
    this.expected = expected;
    compareWithExpected(last);
  }

  boolean isIntact() {
    return firstDefect.isEmpty();
  }

  /// The first defect, regardless of the head that the caller expects.
  Optional<Defect> firstDefect() {
    return firstDefect;
  }

  /// Verifies the next rows.
  ///
  /// @param rows all rows from the next `seq` up to `upTo`, in this order
  /// @param upTo the last `seq` of the rows
  void verify(List<StoredAuditRow> rows, long upTo) {
    for (StoredAuditRow row : rows) {
      verify(row);
    }
    if (last.seq() < upTo) {
      addDefect(last.seq() + 1, "the row is missing");
    }
  }

  private void verify(StoredAuditRow stored) {
    AuditRow row = stored.row();
    if (row.seq() <= last.seq()) {
      addDefect(row.seq(), "the row is unexpected");
    } else if (row.seq() > last.seq() + 1) {
      addDefect(last.seq() + 1, "the row is missing");
    } else if (!row.previousHash().equals(last.hash())) {
      addDefect(row.seq(), "the previous hash does not match the hash of the previous row");
    } else if (!hashes.of(row).equals(stored.hash())) {
      addDefect(row.seq(), "the hash does not match the content of the row");
    } else if (isIntact()) {
      last = stored.head();
      compareWithExpected(last);
    }
  }

  private void compareWithExpected(AuditHead row) {
    if (expected.filter(it -> it.seq() == row.seq() && !it.equals(row)).isPresent()) {
      expectationDefect =
          Optional.of(
              new Defect(
                  row.seq(),
                  "its hash is not the expected one: the expected head is of another trail or"
                      + " mistyped, or the trail was rewritten"));
    }
  }

  /// Verifies the head of the trail.
  ///
  /// @param head the row of `audit_head`, if it exists
  /// @param mac the stored MAC of the head
  void verifyHead(Optional<AuditHead> head, AuditHash mac) {
    long next = last.seq() + 1;
    if (head.isEmpty()) {
      addDefect(next, "the head is missing, so there may have been more rows");
    } else if (!head.get().equals(last)) {
      addDefect(Math.min(next, head.get().seq() + 1), "the head does not match the last row");
    } else if (!hashes.isAuthentic(last, mac)) {
      addDefect(next, "the MAC of the head does not match, so there may have been more rows");
    }
  }

  /// Adds a defect of the rows that are not chained.
  void addUnchainedDefect(String why) {
    addDefect(last.seq() + 1, why);
  }

  /// Creates the report.
  ///
  /// @param unchained the number of rows that are not chained yet
  VerificationReport report(long unchained) {
    Optional<Defect> unmet = expectationDefect.or(this::absent);
    return new VerificationReport(
        last.seq(), unchained, firstDefect.isEmpty() && unmet.isEmpty(), firstDefect, unmet, last);
  }

  /// Reports an expected row after the end of an intact trail.
  private Optional<Defect> absent() {
    return expected
        .filter(it -> isIntact() && it.seq() > last.seq())
        .map(it ->
            new Defect(
                it.seq(),
                "there is no such row, the trail ends at row %d: the expected head is of another"
                        .formatted(last.seq())
                    + " trail or mistyped, or rows were removed"));
  }

  private void addDefect(long seq, String why) {
    if (isIntact()) {
      firstDefect = Optional.of(new Defect(seq, why));
    }
  }
}
