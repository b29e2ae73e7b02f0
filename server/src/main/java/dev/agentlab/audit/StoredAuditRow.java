package dev.agentlab.audit;

/// A row of the table `audit`.
///
/// @param hash the stored hash
record StoredAuditRow(AuditRow row, AuditHash hash) {

  /// The head of a trail whose newest row is this one.
  AuditHead head() {
    return new AuditHead(row.seq(), hash);
  }
}
