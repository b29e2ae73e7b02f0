package dev.agentlab.modelclient.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ResultHeadersTest {
  @Test
  void fewWarningsAreJoined() {
    assertThat(ResultHeaders.joinWarnings(List.of("a is left out: no.", "b costs 3 €.")))
        .isEqualTo("a is left out: no. b costs 3 %E2%82%AC.");
  }

  @Test
  void manyWarningsAreLimitedToHeaderSize() {
    List<String> many =
        IntStream.range(0, 1_000).mapToObj(i -> "option_%03d is left out.".formatted(i)).toList();

    assertThat(ResultHeaders.joinWarnings(many))
        .hasSizeLessThan(2_050)
        .startsWith("option_000 is left out. option_001 ")
        .endsWith("option_082 is left out. (917 more)");
    assertThat(ResultHeaders.joinWarnings(List.of("x".repeat(5_000)))).isEqualTo("(1 more)");
  }
}
