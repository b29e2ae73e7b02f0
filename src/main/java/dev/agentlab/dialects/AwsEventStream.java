package dev.agentlab.dialects;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import software.amazon.eventstream.Message;

/// Cuts a stream of bytes into the messages of Amazon's event stream encoding
/// (https://smithy.io/2.0/aws/amazon-eventstream.html). Takes cuts at any byte.
final class AwsEventStream {
  /// A larger message is no message: it would be held whole.
  private static final int LARGEST_MESSAGE = 17 << 20;

  /// Two lengths, and a checksum for them and for the whole.
  private static final int SMALLEST_MESSAGE = 16;

  /// The beginning of a message that is not whole yet, in the first [#length] bytes.
  private byte[] held = new byte[0];

  private int length;

  /// Gives out each message that these bytes make whole, in order.
  ///
  /// @throws ProviderFault if what comes is no message, or was changed on its way
  void feed(byte[] bytes, Consumer<Message> messages) {
    hold(bytes);
    int used = 0;
    while (length - used >= Integer.BYTES) {
      int size = ByteBuffer.wrap(held).getInt(used);
      if (size < SMALLEST_MESSAGE || size > LARGEST_MESSAGE) {
        throw broken();
      }
      if (length - used < size) {
        break;
      }
      messages.accept(message(used, size));
      used += size;
    }
    held = used == 0 ? held : Arrays.copyOfRange(held, used, length);
    length -= used;
  }

  /// Bytes of memory that the beginning of a message takes.
  int heldBytes() {
    return held.length;
  }

  private Message message(int from, int size) {
    try {
      return Message.decode(ByteBuffer.wrap(held, from, size).slice());
    } catch (IllegalArgumentException | ArithmeticException | BufferUnderflowException e) {
      throw broken();
    }
  }

  private static ProviderErrorException broken() {
    return new ProviderErrorException("the stream is damaged", Optional.empty());
  }

  private void hold(byte[] bytes) {
    if (length + bytes.length > held.length) {
      held = Arrays.copyOf(held, Math.max(length + bytes.length, 2 * length));
    }
    System.arraycopy(bytes, 0, held, length, bytes.length);
    length += bytes.length;
  }
}
