package dev.agentlab.audit;

import dev.agentlab.audit.TrailReport.Broken;
import java.util.List;
import java.util.Optional;

/// Follows a trail row by row and notes where it first is not what it should be. For one thread.
final class TrailCheck {
  private final Hashes hashes;
  private final List<TrailHead> noted;
  private TrailHead last = TrailHead.START;
  private Optional<Broken> broken = Optional.empty();

  /// @param noted rows that must be there
  TrailCheck(Hashes hashes, List<TrailHead> noted) {
    this.hashes = hashes;
    this.noted = List.copyOf(noted);
    check(last);
  }

  boolean isIntact() {
    return broken.isEmpty();
  }

  /// Takes the next rows.
  ///
  /// @param rows all there are from the next `seq` on up to one, in their order
  /// @param upTo the last `seq` that is among them
  void take(List<RecordedRow> rows, long upTo) {
    for (RecordedRow row : rows) {
      take(row);
    }
    if (last.seq() < upTo) {
      fail(last.seq() + 1, "the row is missing");
    }
  }

  private void take(RecordedRow recorded) {
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
      last = new TrailHead(row.seq(), recorded.hash());
      check(last);
    }
  }

  private void check(TrailHead row) {
    if (noted.stream().anyMatch(it -> it.seq() == row.seq() && !it.equals(row))) {
      fail(row.seq(), "it is not the row that was noted");
    }
  }

  /// Ends the trail.
  ///
  /// @param head the row of `audit_head`, if there is one
  /// @param mac of the head, as it is stored
  TrailReport end(Optional<TrailHead> head, Hash mac) {
    long next = last.seq() + 1;
    long known = noted.stream().mapToLong(TrailHead::seq).max().orElse(0);
    if (known > last.seq()) {
      fail(next, "the row is missing: the trail went on to %d".formatted(known));
    } else if (head.isEmpty()) {
      fail(next, "the head is missing, so nobody knows whether there were more rows");
    } else if (!head.get().equals(last)) {
      fail(Math.min(next, head.get().seq() + 1), "the head does not name the last row");
    } else if (!hashes.areOf(last, mac)) {
      fail(next, "the hash of the head does not match, so there may have been more rows");
    }
    return new TrailReport(last.seq(), isIntact(), broken, last);
  }

  private void fail(long seq, String why) {
    if (isIntact()) {
      broken = Optional.of(new Broken(seq, why));
    }
  }
}
