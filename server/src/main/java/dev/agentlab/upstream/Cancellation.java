package dev.agentlab.upstream;

import java.util.ArrayList;
import java.util.List;

/// Cancels the calls of one caller, for example after a client disconnect. Thread-safe.
public final class Cancellation {
  private final List<Runnable> actions = new ArrayList<>(2);
  private boolean cancelled;

  /// Cancels all calls in progress and all later ones.
  public void cancel() {
    List<Runnable> pending;
    synchronized (this) {
      cancelled = true;
      pending = List.copyOf(actions);
      actions.clear();
    }
    pending.forEach(Runnable::run);
  }

  public synchronized boolean isCancelled() {
    return cancelled;
  }

  /// Registers an action that runs on [#cancel], or immediately if already cancelled.
  ///
  /// @return removes the action
  public Runnable onCancel(Runnable action) {
    synchronized (this) {
      if (!cancelled) {
        actions.add(action);
        return () -> unregister(action);
      }
    }
    action.run();
    return () -> {};
  }

  private synchronized void unregister(Runnable action) {
    actions.remove(action);
  }
}
