package dev.agentlab.eventloop;

import java.util.concurrent.Flow;

/// A subscriber that takes the last part of a stream together with the end of the stream, so that
/// its reader cannot leave between the two, and reports when that part is written.
public interface LastPartSubscriber extends Flow.Subscriber<byte[]> {
  /// Takes the last part, in place of [#onNext] and [#onComplete].
  ///
  /// @param written is called once all parts are written, on the thread that writes them; never
  ///   when the subscription is cancelled before
  void onLast(byte[] part, Runnable written);
}
