package dev.agentlab.sessions;

import dev.agentlab.secrets.MacInput;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/// The content of a row of the table `sessions`, all of which its MAC covers.
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record SessionRow(
    UUID id, byte[] tokenHash, SessionOwner owner, Instant expiresAt, Instant lastUsedAt) {

  /// The time after the last recorded use at which a session ends. The actual last use can be later
  /// by the interval at which uses are recorded.
  static final Duration MAX_IDLE = Duration.ofHours(2);

  SessionRow withLastUse(Instant at) {
    return new SessionRow(id, tokenHash, owner, expiresAt, at);
  }

  SessionRow withOwner(SessionOwner newOwner) {
    return new SessionRow(id, tokenHash, newOwner, expiresAt, lastUsedAt);
  }

  /// Whether the session has ended, in milliseconds since 1970.
  ///
  /// @param lastUse a use that may be later than the stored one
  boolean hasEnded(long now, long lastUse) {
    return now >= expiresAt.toEpochMilli()
        || now >= Math.max(lastUsedAt.toEpochMilli(), lastUse) + MAX_IDLE.toMillis();
  }

  /// An injective encoding of the row, the input of its MAC.
  byte[] encoded() {
    MacInput out = new MacInput("agent-lab session row 1").text(id.toString()).bytes(tokenHash);
    owner.write(out);
    return out.time(expiresAt).time(lastUsedAt).bytes();
  }
}
