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
  private static final int MAX_MESSAGE_BYTES = 17 << 20;

  /// The two lengths, and the checksums of the prelude and of the message.
  private static final int MIN_MESSAGE_BYTES = 16;

  /// The incomplete message, in the first [#length] bytes.
  private byte[] buffer = new byte[0];

  private int length;

  /// Passes each message that these bytes complete to the consumer, in order.
  ///
  /// @throws ProviderErrorException if the input is not a valid message, or a checksum does not
  ///   match
  void feed(byte[] bytes, Consumer<Message> messages) {
    append(bytes);
    int used = 0;
    while (length - used >= Integer.BYTES) {
      int size = ByteBuffer.wrap(buffer).getInt(used);
      if (size < MIN_MESSAGE_BYTES || size > MAX_MESSAGE_BYTES) {
        throw corrupted();
      }
      if (length - used < size) {
        break;
      }
      messages.accept(decode(used, size));
      used += size;
    }
    buffer = used == 0 ? buffer : Arrays.copyOfRange(buffer, used, length);
    length -= used;
  }

  /// The size of the buffer for the incomplete message, in bytes.
  int bufferedBytes() {
    return buffer.length;
  }

  private Message decode(int from, int size) {
    try {
      return Message.decode(ByteBuffer.wrap(buffer, from, size).slice());
    } catch (IllegalArgumentException | ArithmeticException | BufferUnderflowException e) {
      throw corrupted();
    }
  }

  private static ProviderErrorException corrupted() {
    return new ProviderErrorException("the stream is corrupted", Optional.empty());
  }

  private void append(byte[] bytes) {
    if (length + bytes.length > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(length + bytes.length, 2 * length));
    }
    System.arraycopy(bytes, 0, buffer, length, bytes.length);
    length += bytes.length;
  }
}
