package dev.agentlab.modelclient;

import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.modelclient.CircuitBreaker.Permit;
import dev.agentlab.upstream.UpstreamException;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/// Passes on the content of a raw response, and reports its end to the circuit breaker and the
/// recorder. Its fields are confined to the event loop of the call.
final class RawBody implements Flow.Publisher<byte[]>, Flow.Subscriber<byte[]>, Flow.Subscription {
  private final EventLoop loop;
  private final Flow.Publisher<byte[]> source;
  private final CallTarget target;
  private final Permit permit;
  private final CallRecorder recorder;

  private Flow.@Nullable Subscriber<? super byte[]> subscriber;
  private Flow.@Nullable Subscription subscription;
  private boolean ended;

  /// @param source signals on the event loop
  RawBody(
      EventLoop loop,
      Flow.Publisher<byte[]> source,
      CallTarget target,
      Permit permit,
      CallRecorder recorder) {
    this.loop = loop;
    this.source = source;
    this.target = target;
    this.permit = permit;
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
      requireSubscriber().onNext(part);
    }
  }

  @Override
  public void onComplete() {
    if (!ended) {
      ended = true;
      permit.succeed();
      recorder.succeed();
      requireSubscriber().onComplete();
    }
  }

  @Override
  public void onError(Throwable thrown) {
    if (!ended) {
      CallFailure failure =
          thrown instanceof UpstreamException e
              ? FailureClassifier.of(e, target.policy())
              : FailureClassifier.unreadable();
      end(failure);
      requireSubscriber().onError(failure.toException(recorder.attempts()));
    }
  }

  private void end(CallFailure failure) {
    if (!ended) {
      ended = true;
      failure.report(permit);
      recorder.fail(failure.toException(recorder.attempts()));
    }
  }
}
