package dev.agentlab.modelclient;

/// Receives the record of each model call when the call has ended.
@FunctionalInterface
public interface CallListener {
  /// Called once for each call, whatever its end was, on its event loop; must not block. A stream
  /// ends when its last event is written or the client disconnects earlier.
  void onCallEnd(CallRecord call);
}
