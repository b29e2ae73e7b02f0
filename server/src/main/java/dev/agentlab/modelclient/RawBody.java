package dev.agentlab.modelclient;

import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.modelclient.RetryLoop.Attempt;
import dev.agentlab.upstream.UpstreamException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/// Passes on the content of a raw response, and reports its end to the circuit breaker and the
/// recorder. Its fields are confined to the event loop of the call.
final class RawBody implements Flow.Publisher<byte[]>, Flow.Subscriber<byte[]>, Flow.Subscription {
  private final EventLoop loop;
  private final Flow.Publisher<byte[]> source;
  private final Attempt<?> attempt;
  private final CallRecorder recorder;

  /// The number of bytes that the provider announced and has not sent; empty if it announced none.
  private OptionalLong remaining;

  private Flow.@Nullable Subscriber<? super byte[]> subscriber;
  private Flow.@Nullable Subscription subscription;
  private boolean ended;

  /// @param source signals on the event loop
  /// @param length the number of bytes, if the provider announces it
  RawBody(
      EventLoop loop,
      Flow.Publisher<byte[]> source,
      OptionalLong length,
      Attempt<?> attempt,
      CallRecorder recorder) {
    this.loop = loop;
    this.source = source;
    this.remaining = length;
    this.attempt = attempt;
    this.recorder = recorder;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super byte[]> newSubscriber) {
    loop.execute(() -> {
      subscriber = newSubscriber;
      source.subscribe(this);
    });
  }

  @Override
  public void onSubscribe(Flow.Subscription newSubscription) {
    subscription = newSubscription;
    requireSubscriber().onSubscribe(this);
  }

  private Flow.Subscriber<? super byte[]> requireSubscriber() {
    Flow.Subscriber<? super byte[]> current = subscriber;
    if (current == null) {
      throw new IllegalStateException("a source signals after its subscription");
    }
    return current;
  }

  @Override
  public void request(long parts) {
    Flow.Subscription current = subscription;
    if (current != null) {
      current.request(parts);
    }
  }

  @Override
  public void cancel() {
    loop.execute(() -> {
      Flow.Subscription current = subscription;
      if (current != null) {
        current.cancel();
      }
      end(FailureClassifier.cancelled());
    });
  }

  @Override
  public void onNext(byte[] part) {
    if (!ended) {
      recorder.addResponseBytes(part.length);
      if (remaining.isPresent()) {
        remaining = OptionalLong.of(remaining.getAsLong() - part.length);
        if (remaining.getAsLong() <= 0) {
          // With this part, the client has all of the response.
          recorder.settle(Optional.empty());
        }
      }
      requireSubscriber().onNext(part);
    }
  }

  @Override
  public void onComplete() {
    if (!ended) {
      ended = true;
      attempt.permit().succeed();
      recorder.succeed();
      requireSubscriber().onComplete();
    }
  }

  @Override
  public void onError(Throwable thrown) {
    if (!ended) {
      CallFailure failure =
          thrown instanceof UpstreamException e
              ? FailureClassifier.of(e, attempt.target().policy())
              : FailureClassifier.unreadable();
      end(failure);
      requireSubscriber().onError(failure.toException(recorder.attempts()));
    }
  }

  private void end(CallFailure failure) {
    if (!ended) {
      ended = true;
      failure.report(attempt.permit());
      recorder.fail(failure.toException(recorder.attempts()));
    }
  }
}
