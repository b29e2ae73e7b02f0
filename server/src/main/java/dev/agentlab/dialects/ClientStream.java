package dev.agentlab.dialects;

import java.util.Optional;

/// The state of a stream for a client while that of the provider arrives: open, done or failed.
abstract class ClientStream implements StreamReader {
  final StreamMemory memory;
  private Optional<ProviderErrorException> error = Optional.empty();
  private boolean isDone;
  private boolean hasContent;

  ClientStream(StreamMemory memory) {
    this.memory = memory;
  }

  @Override
  public final byte[] read(byte[] bytes) {
    if (isOpen()) {
      try {
        readBytes(bytes);
        memory.setRetained(retainedBytes());
      } catch (ProviderErrorException e) {
        fail(e);
      }
    }
    return take();
  }

  @Override
  public final byte[] finish() {
    if (isOpen()) {
      try {
        endInput();
        if (isOpen() && isFinished()) {
          writeEnd();
          end();
        }
      } catch (ProviderErrorException e) {
        fail(e);
      }
    }
    return take();
  }

  /// Reads a chunk.
  ///
  /// @throws ProviderErrorException if the stream reports an error, or is not valid
  abstract void readBytes(byte[] bytes);

  /// The number of bytes that are retained between chunks.
  abstract long retainedBytes();

  /// Reads a last event that is complete except for its end mark.
  ///
  /// @throws ProviderErrorException if the stream reports an error, or is not valid
  abstract void endInput();

  /// Whether the model has finished, with or without the last event of the stream.
  abstract boolean isFinished();

  /// Writes the last event, which the provider did not send.
  abstract void writeEnd();

  /// Removes what has been written.
  abstract byte[] take();

  /// Whether further input is read.
  public final boolean isOpen() {
    return error.isEmpty() && !isDone;
  }

  final void end() {
    isDone = true;
  }

  final void fail(ProviderErrorException e) {
    error = Optional.of(e);
  }

  /// @param isContent whether what has been read has content
  final void foundContent(boolean isContent) {
    hasContent |= isContent;
  }

  @Override
  public final Optional<ProviderErrorException> error() {
    return error;
  }

  @Override
  public final boolean isDone() {
    return isDone;
  }

  @Override
  public final boolean isComplete() {
    return error.isEmpty() && (isDone || isFinished());
  }

  @Override
  public final boolean hasContent() {
    return hasContent;
  }
}
