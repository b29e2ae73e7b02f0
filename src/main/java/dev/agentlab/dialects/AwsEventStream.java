package dev.agentlab.dialects;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import software.amazon.eventstream.Message;

/// Splits a byte stream into the messages of Amazon's event stream encoding
/// (https://smithy.io/2.0/aws/amazon-eventstream.html). Accepts chunk boundaries at any byte.
final class AwsEventStream {
  /// The maximum size of a message, which is buffered completely.
  private static final int LARGEST_MESSAGE = 17 << 20;

  /// The two lengths, and the checksums of the prelude and of the message.
  private static final int SMALLEST_MESSAGE = 16;

  /// The incomplete message, in the first [#length] bytes.
  private byte[] held = new byte[0];

  private int length;

  /// Passes each message that these bytes complete to the consumer, in order.
  ///
  /// @throws ProviderErrorException if the input is not a valid message, or a checksum does not
  ///   match
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

  /// The size of the buffer for the incomplete message, in bytes.
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
    return new ProviderErrorException("the stream is corrupted", Optional.empty());
  }

  private void hold(byte[] bytes) {
    if (length + bytes.length > held.length) {
      held = Arrays.copyOf(held, Math.max(length + bytes.length, 2 * length));
    }
    System.arraycopy(bytes, 0, held, length, bytes.length);
    length += bytes.length;
  }
}
