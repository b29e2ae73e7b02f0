package dev.agentlab.eventloop;

import java.util.concurrent.Flow;

/// A subscriber that receives the last part of a stream together with the end of the stream, so
/// that no client disconnect can occur between them. Reports when that part is written.
public interface LastPartSubscriber extends Flow.Subscriber<byte[]> {
  /// Receives the last part, instead of [#onNext] and [#onComplete].
  ///
  /// @param written called once all parts are written, on the thread that writes them; never called
  ///   if the subscription is cancelled earlier
  void onLast(byte[] part, Runnable written);
}
