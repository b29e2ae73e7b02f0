package dev.agentlab.modelclient;

import dev.agentlab.errors.UnavailableException;

/// Keeps the record of every model call. Thread-safe.
public interface CallLedger {
  /// Called before a call starts, on its event loop.
  ///
  /// @throws UnavailableException if there is no room for its record
  void requireRoom();

  /// Keeps a record. Called once for each call, on its event loop, before the client receives the
  /// end of the response: a call of which a client knows the outcome is never without a record.
  /// Neither throws nor waits for the database.
  void append(CallRecord call);
}
