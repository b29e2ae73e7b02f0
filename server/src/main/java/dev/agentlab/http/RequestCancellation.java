package dev.agentlab.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/// The cancellation state of one request: cancels its work if the client disconnects or its
/// credential is revoked before the response is ready. Safe for all threads.
final class RequestCancellation {
  private enum State {
    PENDING,
    DISCONNECTED,
    RESPONDED
  }

  private final ThreadFactory threads;
  private final List<Runnable> actions = new ArrayList<>(0);
  private State state = State.PENDING;

  /// Why the credential of the request was rejected.
  private Optional<RequestRejectedException> rejection = Optional.empty();

  /// Whether the rejection has cancelled work.
  private boolean cancelledWork;

  /// @param threads creates the threads on which actions run
  RequestCancellation(ThreadFactory threads) {
    this.threads = threads;
  }

  /// Registers an action to run on disconnect or rejection. Runs it immediately if that has already
  /// happened, and never after the response is ready.
  synchronized void register(Runnable action) {
    switch (state) {
      case PENDING -> {
        actions.add(action);
        if (rejection.isPresent()) {
          cancelByRejection();
        }
      }
      case DISCONNECTED -> threads.newThread(action).start();
      case RESPONDED -> {}
    }
  }

  /// Records that the client disconnected.
  synchronized void markDisconnected() {
    if (state == State.PENDING) {
      state = State.DISCONNECTED;
      runActions();
    }
  }

  /// Records that the credential of the request is no longer valid. If the request has work to
  /// cancel, its response is this rejection.
  synchronized void reject(RequestRejectedException reason) {
    if (state == State.PENDING && rejection.isEmpty()) {
      rejection = Optional.of(reason);
      cancelByRejection();
    }
  }

  /// Returns the cause of a handler's failure: the rejection if it cancelled the work of the
  /// handler. Otherwise the failure itself has more information, such as whether a change was made.
  synchronized Throwable failureCause(Throwable failure) {
    return cancelledWork ? rejection.<Throwable>map(it -> it).orElse(failure) : failure;
  }

  private void cancelByRejection() {
    cancelledWork |= !actions.isEmpty();
    runActions();
  }

  private void runActions() {
    actions.forEach(action -> threads.newThread(action).start());
    actions.clear();
  }

  /// Records that the response is ready.
  ///
  /// @return whether the client is still connected
  synchronized boolean markResponded() {
    boolean connected = state == State.PENDING;
    state = connected ? State.RESPONDED : state;
    return connected;
  }
}
