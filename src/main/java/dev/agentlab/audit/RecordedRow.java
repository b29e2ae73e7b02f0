package dev.agentlab.audit;

/// A row of the table `audit`.
///
/// @param hash as it is stored
record RecordedRow(AuditRow row, Hash hash) {}
