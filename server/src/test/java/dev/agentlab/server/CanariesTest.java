package dev.agentlab.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Verifies that [Canaries] detects leaks, because other tests assert that there are none.
class CanariesTest {
  private final Canaries canaries = new Canaries();

  @Test
  void canaryAndItsHalvesAreFoundInEveryEncoding() {
    String secret = canaries.plant("here");
    canaries.plant("elsewhere");
    Stream.of(secret, secret.substring(0, 12), secret.substring(secret.length() - 12))
        .flatMap(Canaries::encodings)
        .forEach(form -> {
          assertThat(canaries.in("{\"error\": \"x" + form + "y\"}"))
              .as(form)
              .containsExactly("here");
          assertThat(canaries.in(form.toUpperCase(Locale.ROOT))).as(form).containsExactly("here");
        });
  }

  @Test
  void canaryIsFoundWithinAnEncodedText() {
    byte[] row = ("(7,\"{\"token\": \"" + canaries.plant("here") + "\"}\")").getBytes(UTF_8);

    assertThat(canaries.in("\\x" + HexFormat.of().formatHex(row))).containsExactly("here");
    assertThat(canaries.in(Base64.getEncoder().encodeToString(row))).containsExactly("here");
    assertThat(canaries.in(Base64.getUrlEncoder().encodeToString(row))).containsExactly("here");
  }

  @Test
  void textWithoutACanaryIsClean() {
    canaries.plant("here");

    assertThat(canaries.in("token *** of …" + new Canaries().plant("there"))).isEmpty();
  }
}
