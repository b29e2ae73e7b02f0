package dev.agentlab.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/// Whether the caller of one request left before its answer, or may no longer have it, and what is
/// to be done then. Safe for all threads.
final class ClientDisconnect {
  private enum State {
    WAITING,
    LEFT,
    ANSWERED
  }

  private final ThreadFactory threads;
  private final List<Runnable> actions = new ArrayList<>(0);
  private State state = State.WAITING;

  /// Why the caller may no longer have the answer.
  private Optional<RequestRejectedException> refusal = Optional.empty();

  /// Whether the refusal has ended something.
  private boolean ended;

  /// @param threads makes the thread an action runs on
  ClientDisconnect(ThreadFactory threads) {
    this.threads = threads;
  }

  /// Runs something when the caller leaves or is refused; now if that was before; never once it was
  /// answered.
  synchronized void run(Runnable action) {
    switch (state) {
      case WAITING -> {
        actions.add(action);
        if (refusal.isPresent()) {
          endByRefusal();
        }
      }
      case LEFT -> threads.newThread(action).start();
      case ANSWERED -> {}
    }
  }

  synchronized void left() {
    if (state == State.WAITING) {
      state = State.LEFT;
      runActions();
    }
  }

  /// Says that the caller may no longer have an answer, which is to be this refusal if the work for
  /// it can be ended.
  synchronized void refused(RequestRejectedException why) {
    if (state == State.WAITING && refusal.isEmpty()) {
      refusal = Optional.of(why);
      endByRefusal();
    }
  }

  /// Why a handler really failed: of the refusal, if that ended its work. Otherwise the handler's
  /// own failure says more, such as whether a change was made.
  synchronized Throwable cause(Throwable failure) {
    return ended ? refusal.<Throwable>map(it -> it).orElse(failure) : failure;
  }

  private void endByRefusal() {
    ended |= !actions.isEmpty();
    runActions();
  }

  private void runActions() {
    actions.forEach(action -> threads.newThread(action).start());
    actions.clear();
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
