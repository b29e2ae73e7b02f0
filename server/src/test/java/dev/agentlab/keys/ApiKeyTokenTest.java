package dev.agentlab.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.CRC32;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ApiKeyTokenTest {
  @Test
  void keyHasTheDocumentedFormat() {
    assertThat(ApiKeyToken.random(KeyType.ADMIN).reveal())
        .matches("agl_admin_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}");
    assertThat(ApiKeyToken.random(KeyType.KEY).reveal())
        .matches("agl_key_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}");
  }

  /// Keys of earlier releases must remain valid.
  @Test
  void checksumIsTheCrc32InBase62() {
    String body = "agl_key_000000000000_" + "0".repeat(43);
    CRC32 crc = new CRC32();
    crc.update(body.getBytes(StandardCharsets.US_ASCII));
    String digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    StringBuilder checksum = new StringBuilder();
    for (long rest = crc.getValue(), i = 0; i < 6; i++, rest /= 62) {
      checksum.insert(0, digits.charAt((int) (rest % 62)));
    }
    assertThat(ApiKeyToken.parse(body + checksum)).isPresent();
  }

  @Property
  void randomKeyCanBeParsed(@ForAll KeyType type) {
    ApiKeyToken generated = ApiKeyToken.random(type);
    ApiKeyToken parsed = ApiKeyToken.parse(generated.reveal()).orElseThrow();

    assertThat(parsed.id()).isEqualTo(generated.id());
    assertThat(parsed.type()).isEqualTo(type);
    assertThat(generated.reveal()).startsWith(generated.prefix() + "_");
  }

  @Test
  void randomKeysHaveDistinctIds() {
    Set<String> generated = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      ApiKeyToken key = ApiKeyToken.random(KeyType.KEY);
      assertThat(generated.add(key.id())).isTrue();
    }
  }

  @Property(tries = 5_000)
  void keyWithAReplacedCharacterIsRejected(
      @ForAll KeyType type, @ForAll @IntRange(max = 71) int place, @ForAll char other) {
    String text = ApiKeyToken.random(type).reveal();
    int at = place % text.length();
    if (text.charAt(at) != other) {
      assertThat(ApiKeyToken.parse(text.substring(0, at) + other + text.substring(at + 1)))
          .isEmpty();
    }
  }

  @Property
  void truncatedOrExtendedKeyIsRejected(
      @ForAll KeyType type, @ForAll @IntRange(max = 69) int length, @ForAll String more) {
    String text = ApiKeyToken.random(type).reveal();

    assertThat(ApiKeyToken.parse(text.substring(0, length))).isEmpty();
    assertThat(ApiKeyToken.parse(text.substring(length + 1))).isEmpty();
    if (!more.isEmpty()) {
      assertThat(ApiKeyToken.parse(text + more)).isEmpty();
      assertThat(ApiKeyToken.parse(more + text)).isEmpty();
    }
  }

  @Property(tries = 5_000)
  void textThatIsNotAKeyIsRejected(@ForAll("nearly") String text) {
    assertThat(ApiKeyToken.parse(text)).isEmpty();
  }

  @Provide
  Arbitrary<String> nearly() {
    return Arbitraries.oneOf(
        Arbitraries.strings().ofMaxLength(100),
        Arbitraries.strings().alpha().numeric().withChars('_').ofLength(66).map("agl_key_"::concat),
        Arbitraries.strings().all().ofLength(62).map("agl_admin_"::concat),
        Arbitraries.of(
            "", "agl_", "agl__", "agl_key_", "agl_root_", "AGL_KEY_", "agl_key", "null"));
  }

  @Test
  void textFormHidesTheSecretAndJsonContainsIt() {
    ApiKeyToken key = ApiKeyToken.random(KeyType.KEY);

    assertThat(key.toString()).isEqualTo(key.prefix() + "_***");
    assertThat(Json.MAPPER.writeValueAsString(key)).isEqualTo("\"" + key.reveal() + "\"");
  }
}
