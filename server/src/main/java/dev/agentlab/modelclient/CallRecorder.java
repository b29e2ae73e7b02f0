package dev.agentlab.modelclient;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.dialects.Operation;
import dev.agentlab.modelclient.CallRecord.UsageSource;
import dev.agentlab.modelclient.RouteDecision.SkippedTarget;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/// Builds the record of one model call. The ledger receives it once, when the outcome is known, and
/// the listeners once, when the call has ended for the client. Confined to the event loop of the
/// call.
final class CallRecorder {
  private static final String SUCCESS = "success";

  /// The header fields in which providers send the id of a request, in the order of precedence.
  private static final List<String> PROVIDER_ID_HEADERS =
      List.of(
          "x-request-id",
          "request-id",
          "apim-request-id",
          "x-amzn-requestid",
          "x-goog-request-id",
          "cf-ray");

  private static final int MAX_PROVIDER_ID_LENGTH = 200;

  private final CallSource source;
  private final Operation operation;
  private final boolean streamed;
  private final CallPlan plan;
  private final CallLedger ledger;
  private final List<CallListener> listeners;
  private final LongSupplier nanoTime;
  private final Instant startedAt;
  private final long startNanos;
  private final List<CallRecord.AttemptRecord> attempts = new ArrayList<>(1);
  private final List<SkippedTarget> skipped = new ArrayList<>(0);
  private final TargetHealth health;
  private PlannedTarget planned;
  private long attemptStartNanos;
  private boolean attempting;
  private Optional<Duration> firstContent = Optional.empty();
  private TokenUsage usage = TokenUsage.NONE;
  private UsageSource usageSource = UsageSource.NONE;
  private Optional<FinishReason> finishReason = Optional.empty();
  private Optional<String> providerRequestId = Optional.empty();
  private long requestBytes;
  private long responseBytes;
  private long lastBytes;
  private long bytesBeforeContent;
  private List<String> losses = List.of();

  /// The record, once the outcome is known.
  private Optional<CallRecord> settled = Optional.empty();

  private boolean ended;

  /// Starts the measurement of a call.
  ///
  /// @param streamed whether the client requested a stream
  /// @param ledger has room for the record
  CallRecorder(
      CallSource source,
      Operation operation,
      boolean streamed,
      CallPlan plan,
      TargetHealth health,
      CallLedger ledger,
      List<CallListener> listeners,
      InstantSource clock,
      LongSupplier nanoTime) {
    this.source = source;
    this.operation = operation;
    this.streamed = streamed;
    this.plan = plan;
    this.planned = plan.first();
    this.health = health;
    this.ledger = ledger;
    this.listeners = listeners;
    this.nanoTime = nanoTime;
    this.startedAt = clock.instant();
    this.startNanos = nanoTime.getAsLong();
  }

  /// The number of attempts so far.
  int attempts() {
    return attempts.size() + (attempting ? 1 : 0);
  }

  /// Records that a target is not called.
  ///
  /// @param reason for the caller
  void skip(PlannedTarget target, String reason) {
    skipped.add(new SkippedTarget(target.name(), reason));
  }

  /// Records the start of an attempt.
  ///
  /// @param bytes the size of the request
  /// @param warnings what the translation of the request ignored or changed
  void startAttempt(PlannedTarget called, long bytes, List<String> warnings) {
    planned = called;
    attempting = true;
    attemptStartNanos = nanoTime.getAsLong();
    providerRequestId = Optional.empty();
    requestBytes = bytes;
    responseBytes = 0;
    losses = warnings;
  }

  /// Records the header fields of the response of a provider.
  ///
  /// @param headers by name in lower case
  void recordHeaders(Map<String, String> headers) {
    for (String name : PROVIDER_ID_HEADERS) {
      String id = headers.get(name);
      if (id != null && !id.isEmpty()) {
        providerRequestId =
            Optional.of(id.substring(0, Math.min(id.length(), MAX_PROVIDER_ID_LENGTH)));
        return;
      }
    }
  }

  /// Records the failure of an attempt. The call may be retried.
  void failAttempt(CallFailure failure) {
    endAttempt(failure.kind().code(), Optional.of(failure.message()));
  }

  private void endAttempt(String outcome, Optional<String> message) {
    if (attempting) {
      attempting = false;
      attempts.add(
          new CallRecord.AttemptRecord(
              planned.name(),
              planned.target().provider(),
              planned.target().model(),
              outcome,
              message,
              since(attemptStartNanos)));
    }
  }

  /// Records bytes of the response.
  void addResponseBytes(int count) {
    responseBytes += count;
    lastBytes = count;
  }

  /// Records the first content of the stream, which the last bytes have. Later calls have no
  /// effect.
  void recordContent() {
    if (firstContent.isEmpty()) {
      firstContent = Optional.of(since(startNanos));
      bytesBeforeContent = responseBytes - lastBytes;
    }
  }

  /// Records what the provider reported about its response.
  void recordResponse(TokenUsage reported, Optional<FinishReason> reason) {
    usage = reported;
    finishReason = reason;
  }

  /// Passes the record to the ledger, before the client receives the end of the response. Only the
  /// first call has an effect.
  ///
  /// @param failure empty if the response is complete
  /// @return the record
  CallRecord settle(Optional<? extends Throwable> failure) {
    if (settled.isEmpty()) {
      settleUsage(failure.isEmpty());
      CallRecord call = endAttempts(failure);
      settled = Optional.of(call);
      ledger.append(call);
    }
    return settled.get();
  }

  /// Learns from the usage of a complete response, and estimates that of a stream that broke off.
  /// What a provider refused, or was left before it had content, costs nothing.
  private void settleUsage(boolean isComplete) {
    long contentBytes = firstContent.isPresent() ? responseBytes - bytesBeforeContent : 0;
    if (isComplete && !usage.counts().isEmpty()) {
      rates().learn(requestBytes, contentBytes, usage);
      usageSource = UsageSource.REPORTED;
    } else if (!isComplete && firstContent.isPresent()) {
      usage = rates().estimate(requestBytes, contentBytes, usage);
      usageSource = UsageSource.ESTIMATED;
    }
  }

  private UsageRates rates() {
    return health.get(planned.target()).rates();
  }

  void succeed() {
    end(Optional.empty());
  }

  void fail(Throwable failure) {
    end(Optional.of(failure));
  }

  /// Only the first end counts.
  private void end(Optional<Throwable> failure) {
    if (ended) {
      return;
    }
    ended = true;
    CallRecord call = settle(failure);
    listeners.forEach(it -> it.onCallEnd(call));
  }

  private CallRecord endAttempts(Optional<? extends Throwable> failure) {
    if (failure.isEmpty()) {
      endAttempt(SUCCESS, Optional.empty());
    } else if (failure.get() instanceof ModelCallException e) {
      endAttempt(e.kind().code(), Optional.ofNullable(e.getMessage()));
    } else {
      endAttempt("internal_error", Optional.empty());
    }
    return new CallRecord(
        planned.agent().map(source::withAgent).orElse(source),
        operation,
        streamed,
        startedAt,
        planned.target(),
        route(),
        attempts,
        firstContent,
        since(startNanos),
        usage,
        usageSource,
        finishReason,
        providerRequestId,
        requestBytes,
        responseBytes,
        losses,
        failure.map(it -> it));
  }

  private Optional<RouteDecision> route() {
    return plan.route()
        .map(it ->
            new RouteDecision(
                it.id(),
                it.name(),
                it.revision(),
                plan.targets().stream().map(PlannedTarget::name).toList(),
                Stream.concat(it.unusable().stream(), skipped.stream()).toList()));
  }

  private Duration since(long nanos) {
    return Duration.ofNanos(nanoTime.getAsLong() - nanos);
  }
}
