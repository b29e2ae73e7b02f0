package dev.agentlab.audit;

import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.secrets.MacInput;
import dev.agentlab.secrets.Secret;

/// The keyed hashes of the trail. No hash made for one of them can stand for another.
record AuditHashes(KeyedHash key) {
  /// Enough to tell secrets apart; of a secret's hash no more than that need be known.
  private static final int SECRET_DIGITS = 16;

  /// Of a row, the previous row's hash with it.
  AuditHash of(AuditRow row) {
    return AuditHash.of(key.of(row.encoded()));
  }

  /// The MAC of a row that is not chained.
  AuditHash of(UnchainedRow row) {
    return AuditHash.of(key.of(row.encoded()));
  }

  /// Of what is said to be the newest row.
  AuditHash ofHead(long seq, AuditHash hash) {
    return AuditHash.of(
        key.of(new MacInput("agent-lab audit head 1").number(seq).bytes(hash.bytes()).bytes()));
  }

  /// Whether a head is as the service wrote it. That of a trail without rows is written by the
  /// migration: whether there ever were rows, only [AuditHeadMemory] knows.
  boolean areOf(AuditHead head, AuditHash mac) {
    return head.equals(AuditHead.START) || mac.equals(ofHead(head.seq(), head.hash()));
  }

  /// Of a secret: the same for equal secrets, and of no use to whoever would guess them.
  String of(Secret secret) {
    byte[] encoded = new MacInput("agent-lab audit secret 1").text(secret.reveal()).bytes();
    return AuditHash.of(key.of(encoded)).hex().substring(0, SECRET_DIGITS);
  }
}
