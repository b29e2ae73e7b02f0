package dev.agentlab.upstream;

import java.util.ArrayList;
import java.util.List;

/// A way to end calls from outside, because nobody waits for them any more. Safe for all threads.
public final class Cancellation {
  private final List<Runnable> actions = new ArrayList<>(2);
  private boolean cancelled;

  /// Ends what is under way and all that begins later.
  public void cancel() {
    List<Runnable> due;
    synchronized (this) {
      cancelled = true;
      due = List.copyOf(actions);
      actions.clear();
    }
    due.forEach(Runnable::run);
  }

  public synchronized boolean isCancelled() {
    return cancelled;
  }

  /// Has something run on [#cancel]; at once if that was before.
  ///
  /// @return takes it back
  public Runnable onCancel(Runnable action) {
    synchronized (this) {
      if (!cancelled) {
        actions.add(action);
        return () -> forget(action);
      }
    }
    action.run();
    return () -> {};
  }

  private synchronized void forget(Runnable action) {
    actions.remove(action);
  }
}
