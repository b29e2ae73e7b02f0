package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class Utf8PropertyTest {

  @Property
  void validityEqualsDecodability(@ForAll("bytes") byte[] bytes, @ForAll boolean isInner) {
    byte[] array = new byte[bytes.length + 2];
    array[0] = (byte) 0xff;
    array[array.length - 1] = (byte) 0xff;
    System.arraycopy(bytes, 0, array, 1, bytes.length);

    assertThat(
            isInner
                ? Utf8.isValid(array, 1, array.length - 1)
                : Utf8.isValid(bytes, 0, bytes.length))
        .isEqualTo(isDecodable(bytes));
  }

  @Property(tries = 200)
  void invalidByteAfterAnyTextIsDetected(@ForAll("texts") String text) {
    byte[] bytes = (text.repeat(500) + "?").getBytes(UTF_8);
    assertThat(Utf8.isValid(bytes, 0, bytes.length)).isTrue();

    bytes[bytes.length - 1] = (byte) 0xc3;
    assertThat(Utf8.isValid(bytes, 0, bytes.length)).isFalse();
  }

  /// Mostly almost valid sequences.
  @Provide
  Arbitrary<byte[]> bytes() {
    Arbitrary<Byte> boundaryBytes =
        Arbitraries.of(
                0x61, 0x80, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xa0, 0xed, 0x9f, 0xef, 0xf0, 0x90, 0xf4,
                0x8f, 0xf5)
            .map(Integer::byteValue);
    return Arbitraries.oneOf(boundaryBytes, Arbitraries.bytes()).array(byte[].class).ofMaxSize(8);
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of("a", "\u00e9", "\u20ac", "\ud83d\udc4b", "ab\u00e9c")
        .list()
        .ofMaxSize(5)
        .map(it -> String.join("", it));
  }

  private static boolean isDecodable(byte[] bytes) {
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
