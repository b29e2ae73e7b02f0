package dev.agentlab.vault;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;

class RowCipherPropertyTest {
  private static final UUID ROW = UUID.fromString("6f2f8f0e-2f0a-4a55-9b51-0a3b3f2c8d10");

  @Property(tries = 2_000)
  void decryptionReturnsThePlaintext(@ForAll String field, @ForAll("storable") String text) {
    RowCipher cipher = TestRowCipher.random("things", ROW);
    assertThat(cipher.decrypt(field, cipher.encrypt(field, text))).contains(text);
  }

  @Property(tries = 2_000)
  void ciphertextsDifferAndHideThePlaintext(@ForAll @NotEmpty String field) {
    RowCipher cipher = TestRowCipher.random("things", ROW);
    String ciphertext = cipher.encrypt(field, "a secret of some length");
    assertThat(ciphertext).startsWith("v1.").doesNotContain("secret");
    assertThat(cipher.encrypt(field, "a secret of some length")).isNotEqualTo(ciphertext);
  }

  @Property(tries = 5_000)
  void flippedBitFailsDecryption(
      @ForAll("storable") String text, @ForAll @IntRange(max = 9_999) int at) {
    RowCipher cipher = TestRowCipher.random("things", ROW);
    byte[] bytes = Base64.getUrlDecoder().decode(cipher.encrypt("/a", text).substring(3));
    int bit = at % (bytes.length * 8);
    bytes[bit / 8] ^= (byte) (1 << (bit % 8));
    String changed = "v1." + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    assertThat(cipher.decrypt("/a", changed)).isEmpty();
  }

  @Property(tries = 2_000)
  void arbitraryTextFailsDecryption(@ForAll String text) {
    RowCipher cipher = TestRowCipher.random("things", ROW);
    assertThat(cipher.decrypt("/a", text)).isEmpty();
    assertThat(cipher.decrypt("/a", "v1." + text)).isEmpty();
  }

  @Property(tries = 2_000)
  void ciphertextIsBoundToItsField(@ForAll String field, @ForAll String other) {
    RowCipher cipher = TestRowCipher.random("things", ROW);
    if (!field.equals(other)) {
      assertThat(cipher.decrypt(other, cipher.encrypt(field, "x"))).isEmpty();
    }
  }

  /// Texts without unpaired surrogates, which requests cannot contain.
  @net.jqwik.api.Provide
  net.jqwik.api.Arbitrary<String> storable() {
    return net.jqwik.api.Arbitraries.strings()
        .map(text -> text.replaceAll("[\\ud800-\\udfff]", "?"));
  }
}
