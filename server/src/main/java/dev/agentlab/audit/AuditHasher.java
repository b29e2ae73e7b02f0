package dev.agentlab.audit;

import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.secrets.MacInput;
import dev.agentlab.secrets.Secret;

/// The keyed hashes of the audit trail. Each purpose has its own domain: a hash for one purpose is
/// never valid for another.
record AuditHasher(KeyedHash key) {
  /// Enough digits to distinguish secrets; the rest of the hash is not disclosed.
  private static final int SECRET_HASH_DIGITS = 16;

  /// The hash of a row, including the hash of the previous row.
  AuditHash of(AuditRow row) {
    return AuditHash.of(key.compute(row.encoded()));
  }

  /// The MAC of a row that is not chained.
  AuditHash of(UnchainedRow row) {
    return AuditHash.of(key.compute(row.encoded()));
  }

  /// The MAC of the head.
  AuditHash macOfHead(long seq, AuditHash hash) {
    return AuditHash.of(
        key.compute(
            new MacInput("agent-lab audit head 1").number(seq).bytes(hash.bytes()).bytes()));
  }

  /// Whether the service wrote a head. The migration writes the head of an empty trail, which is
  /// always accepted: an expected head reveals that there were rows.
  boolean isAuthentic(AuditHead head, AuditHash mac) {
    return head.equals(AuditHead.START) || mac.equals(macOfHead(head.seq(), head.hash()));
  }

  /// The hash of a secret. It is the same for equal secrets; without the key it does not help to
  /// guess them.
  String of(Secret secret) {
    byte[] encoded = new MacInput("agent-lab audit secret 1").text(secret.reveal()).bytes();
    return AuditHash.of(key.compute(encoded)).hex().substring(0, SECRET_HASH_DIGITS);
  }
}
