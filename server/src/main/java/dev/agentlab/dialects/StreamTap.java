package dev.agentlab.dialects;

import dev.agentlab.memory.MemoryBudget;

/// Passes a stream of server-sent events through unchanged, and observes it on the way.
abstract class StreamTap extends ClientStream implements SseReader.Handler {
  final PassThroughBuffer out = new PassThroughBuffer();
  private final SseReader reader;

  /// @param reservation accounts for the memory of the tap
  StreamTap(MemoryBudget.Reservation reservation) {
    super(new StreamMemory(reservation));
    reader = new SseReader(memory, this);
  }

  @Override
  final void readBytes(byte[] bytes) {
    reader.read(bytes);
  }

  @Override
  final void endInput() {
    reader.endInput();
  }

  @Override
  final long retainedBytes() {
    return reader.bufferedBytes() + stateBytes();
  }

  /// The number of bytes that the tap retains beside an incomplete event.
  abstract long stateBytes();

  @Override
  final byte[] take() {
    return out.take();
  }
}
