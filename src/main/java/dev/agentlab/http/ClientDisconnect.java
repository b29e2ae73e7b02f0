package dev.agentlab.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/// The cancellation state of one request: cancels its work if the client disconnects or its
/// credential is revoked before the response is ready. Safe for all threads.
final class ClientDisconnect {
  private enum State {
    WAITING,
    LEFT,
    ANSWERED
  }

  private final ThreadFactory threads;
  private final List<Runnable> actions = new ArrayList<>(0);
  private State state = State.WAITING;

  /// Why the credential of the request was rejected.
  private Optional<RequestRejectedException> refusal = Optional.empty();

  /// Whether the rejection has cancelled work.
  private boolean ended;

  /// @param threads creates the threads on which actions run
  ClientDisconnect(ThreadFactory threads) {
    this.threads = threads;
  }

  /// Registers an action to run on disconnect or rejection. Runs it immediately if that has already
  /// happened, and never after the response is ready.
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

  /// Records that the client disconnected.
  synchronized void left() {
    if (state == State.WAITING) {
      state = State.LEFT;
      runActions();
    }
  }

  /// Records that the credential of the request is no longer valid. If the request has work to
  /// cancel, its response is this rejection.
  synchronized void refused(RequestRejectedException reason) {
    if (state == State.WAITING && refusal.isEmpty()) {
      refusal = Optional.of(reason);
      endByRefusal();
    }
  }

  /// Returns the cause of a handler's failure: the rejection if it cancelled the work of the
  /// handler. Otherwise the failure itself has more information, such as whether a change was made.
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

  /// Records that the response is ready.
  ///
  /// @return whether the client is still connected
  synchronized boolean answered() {
    boolean connected = state == State.WAITING;
    state = connected ? State.ANSWERED : state;
    return connected;
  }
}
