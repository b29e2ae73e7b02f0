package dev.agentlab.audit;

/// A row of the table `audit`.
///
/// @param hash as it is stored
record RecordedRow(AuditRow row, Hash hash) {

  /// It, as the newest of the trail.
  TrailHead head() {
    return new TrailHead(row.seq(), hash);
  }
}
