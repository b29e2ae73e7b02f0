package dev.agentlab.listing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.errors.InvalidInputException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FilterTest {

  @Test
  void lengthLimitCountsCodePoints() {
    String longest = "😀".repeat(200);

    assertThat(Filter.of(named(longest), "name").conditions()).hasSize(1);
    assertThatThrownBy(() -> Filter.of(named(longest + "x"), "name"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("name: must have at most 200 characters");
  }

  private static SearchRequest named(String name) {
    return new SearchRequest(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(name),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
