package dev.agentlab.audit;

/// A row of the table `audit`.
///
/// @param hash as it is stored
record StoredAuditRow(AuditRow row, AuditHash hash) {

  /// It, as the newest of the trail.
  AuditHead head() {
    return new AuditHead(row.seq(), hash);
  }
}
