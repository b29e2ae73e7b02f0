package dev.agentlab.modelclient;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.dialects.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Builds the record of one model call, and passes it to the listeners once. Confined to the event
/// loop of the call.
final class CallRecorder {
  private static final String SUCCESS = "success";

  private final CallSource source;
  private final Operation operation;
  private final boolean streamed;
  private final List<CallListener> listeners;
  private final LongSupplier nanoTime;
  private final long startNanos;
  private final List<CallRecord.AttemptRecord> attempts = new ArrayList<>(1);
  private CallTarget target;
  private long attemptStartNanos;
  private boolean attempting;
  private Optional<Duration> firstContent = Optional.empty();
  private TokenUsage usage = TokenUsage.NONE;
  private Optional<FinishReason> finishReason = Optional.empty();
  private long requestBytes;
  private long responseBytes;
  private List<String> losses = List.of();
  private boolean ended;

  /// Starts the measurement of a call.
  ///
  /// @param streamed whether the client requested a stream
  /// @param first the first target
  CallRecorder(
      CallSource source,
      Operation operation,
      boolean streamed,
      CallTarget first,
      List<CallListener> listeners,
      LongSupplier nanoTime) {
    this.source = source;
    this.operation = operation;
    this.streamed = streamed;
    this.target = first;
    this.listeners = listeners;
    this.nanoTime = nanoTime;
    this.startNanos = nanoTime.getAsLong();
  }

  /// The number of attempts so far.
  int attempts() {
    return attempts.size() + (attempting ? 1 : 0);
  }

  /// Records the start of an attempt.
  ///
  /// @param bytes the size of the request
  /// @param warnings what the translation of the request ignored or changed
  void startAttempt(CallTarget called, long bytes, List<String> warnings) {
    target = called;
    attempting = true;
    attemptStartNanos = nanoTime.getAsLong();
    requestBytes = bytes;
    responseBytes = 0;
    losses = warnings;
  }

  /// Records the failure of an attempt. The call may be retried.
  void failAttempt(CallFailure failure) {
    endAttempt(failure.kind().code());
  }

  private void endAttempt(String outcome) {
    if (attempting) {
      attempting = false;
      attempts.add(
          new CallRecord.AttemptRecord(
              target.provider(), target.model(), outcome, since(attemptStartNanos)));
    }
  }

  /// Records bytes of the response.
  void addResponseBytes(int count) {
    responseBytes += count;
  }

  /// Records the first content of the stream. Later calls have no effect.
  void recordContent() {
    if (firstContent.isEmpty()) {
      firstContent = Optional.of(since(startNanos));
    }
  }

  /// Records what the provider reported about its response.
  void recordResponse(TokenUsage reported, Optional<FinishReason> reason) {
    usage = reported;
    finishReason = reason;
  }

  void succeed() {
    endAttempt(SUCCESS);
    end(Optional.empty());
  }

  void fail(Throwable failure) {
    endAttempt(failure instanceof ModelCallException e ? e.kind().code() : "internal_error");
    end(Optional.of(failure));
  }

  /// Only the first end counts.
  private void end(Optional<Throwable> failure) {
    if (ended) {
      return;
    }
    ended = true;
    CallRecord call =
        new CallRecord(
            source,
            operation,
            streamed,
            target,
            attempts,
            firstContent,
            since(startNanos),
            usage,
            finishReason,
            requestBytes,
            responseBytes,
            losses,
            failure);
    listeners.forEach(it -> it.onCallEnd(call));
  }

  private Duration since(long nanos) {
    return Duration.ofNanos(nanoTime.getAsLong() - nanos);
  }
}
