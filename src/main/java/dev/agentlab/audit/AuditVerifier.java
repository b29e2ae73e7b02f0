package dev.agentlab.audit;

import dev.agentlab.audit.VerificationReport.Broken;
import java.util.List;
import java.util.Optional;

/// Follows a trail row by row and notes where it first is not what it should be. For one thread.
final class AuditVerifier {
  private final AuditHashes hashes;
  private final Optional<AuditHead> remembered;
  private final Optional<AuditHead> expected;
  private AuditHead last = AuditHead.START;
  private Optional<Broken> broken = Optional.empty();

  /// Where the trail is not what the caller expects, which may be made up.
  private Optional<Broken> unexpected = Optional.empty();

  /// @param remembered a row that must be there
  /// @param expected a row that must be there according to the caller
  AuditVerifier(AuditHashes hashes, Optional<AuditHead> remembered, Optional<AuditHead> expected) {
    this.hashes = hashes;
    this.remembered = remembered;
    this.expected = expected;
    check(last);
  }

  boolean isIntact() {
    return broken.isEmpty();
  }

  /// Where the trail is broken, whatever the caller expects.
  Optional<Broken> broken() {
    return broken;
  }

  /// Takes the next rows.
  ///
  /// @param rows all there are from the next `seq` on up to one, in their order
  /// @param upTo the last `seq` that is among them
  void take(List<StoredAuditRow> rows, long upTo) {
    for (StoredAuditRow row : rows) {
      take(row);
    }
    if (last.seq() < upTo) {
      fail(last.seq() + 1, "the row is missing");
    }
  }

  private void take(StoredAuditRow recorded) {
    AuditRow row = recorded.row();
    if (row.seq() <= last.seq()) {
      fail(row.seq(), "a row stands where none should be");
    } else if (row.seq() > last.seq() + 1) {
      fail(last.seq() + 1, "the row is missing");
    } else if (!row.previousHash().equals(last.hash())) {
      fail(row.seq(), "its previous hash is not the hash of the row before");
    } else if (!hashes.of(row).equals(recorded.hash())) {
      fail(row.seq(), "its hash does not match what it holds");
    } else if (isIntact()) {
      last = recorded.head();
      check(last);
    }
  }

  private void check(AuditHead row) {
    if (isOther(remembered, row)) {
      fail(row.seq(), "it is not the row that was noted");
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

  private static boolean isOther(Optional<AuditHead> noted, AuditHead row) {
    return noted.filter(it -> it.seq() == row.seq() && !it.equals(row)).isPresent();
  }

  /// Compares the end of the trail.
  ///
  /// @param head the row of `audit_head`, if there is one
  /// @param mac of the head, as it is stored
  void end(Optional<AuditHead> head, AuditHash mac) {
    long next = last.seq() + 1;
    missing(remembered).ifPresent(it -> fail(it.seq(), it.why()));
    if (head.isEmpty()) {
      fail(next, "the head is missing, so nobody knows whether there were more rows");
    } else if (!head.get().equals(last)) {
      fail(Math.min(next, head.get().seq() + 1), "the head does not name the last row");
    } else if (!hashes.areOf(last, mac)) {
      fail(next, "the hash of the head does not match, so there may have been more rows");
    }
  }

  private Optional<Broken> missing(Optional<AuditHead> noted) {
    return noted
        .filter(it -> it.seq() > last.seq())
        .map(it ->
            new Broken(
                last.seq() + 1, "the row is missing: the trail went on to %d".formatted(it.seq())));
  }

  /// Notes what is wrong with the rows that are not chained.
  void unchained(String why) {
    fail(last.seq() + 1, why);
  }

  /// What was found.
  ///
  /// @param unchained how many rows are not chained yet
  VerificationReport report(long unchained) {
    Optional<Broken> unmet = unexpected.or(this::absent);
    return new VerificationReport(
        last.seq(), unchained, broken.isEmpty() && unmet.isEmpty(), broken, unmet, last);
  }

  /// That the expected row is none of a trail's that is whole in itself.
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
