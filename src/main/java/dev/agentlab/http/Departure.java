package dev.agentlab.http;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;

/// Whether the caller of one request left before its answer, and what is to be done then. Safe for
/// all threads.
final class Departure {
  private enum State {
    WAITING,
    LEFT,
    ANSWERED
  }

  private final ThreadFactory threads;
  private final List<Runnable> actions = new ArrayList<>(0);
  private State state = State.WAITING;

  /// @param threads makes the thread an action runs on
  Departure(ThreadFactory threads) {
    this.threads = threads;
  }

  /// Runs something when the caller leaves; now if it has; never once it was answered.
  synchronized void run(Runnable action) {
    switch (state) {
      case WAITING -> actions.add(action);
      case LEFT -> threads.newThread(action).start();
      case ANSWERED -> {}
    }
  }

  synchronized void left() {
    if (state == State.WAITING) {
      state = State.LEFT;
      actions.forEach(action -> threads.newThread(action).start());
    }
  }

  /// Says that the answer is ready.
  ///
  /// @return whether there is still someone to give it to
  synchronized boolean answered() {
    boolean present = state == State.WAITING;
    state = present ? State.ANSWERED : state;
    return present;
  }
}
