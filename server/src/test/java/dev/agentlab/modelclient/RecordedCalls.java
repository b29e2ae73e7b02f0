package dev.agentlab.modelclient;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A ledger in memory.
final class RecordedCalls implements CallLedger {
  private final List<CallRecord> calls = new CopyOnWriteArrayList<>();

  @Override
  public void requireRoom() {}

  @Override
  public void append(CallRecord call) {
    calls.add(call);
  }

  /// The records, the oldest first.
  List<CallRecord> calls() {
    return List.copyOf(calls);
  }
}
