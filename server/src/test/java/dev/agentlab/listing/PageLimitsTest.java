package dev.agentlab.listing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageLimitsTest {
  private static final PageLimits LIMITS = new PageLimits(20, 100);

  @ParameterizedTest
  @CsvSource({
    "1,20,1,20",
    "0,20,1,20",
    "-7,20,1,20",
    "3,0,3,20",
    "3,-1,3,20",
    "3,100,3,100",
    "3,101,3,100",
  })
  void requestedPageIsClampedToTheLimits(
      long page, long size, long expectedPage, int expectedSize) {
    assertThat(LIMITS.window(new PageRequest(page, size)))
        .isEqualTo(new PageRange(expectedPage, expectedSize));
  }

  @Test
  void emptyRequestSelectsFirstPageOfDefaultSize() {
    assertThat(LIMITS.window(PageRequest.of(Optional.empty(), Optional.empty())))
        .isEqualTo(new PageRange(1, 20));
  }

  @Test
  void offsetOfHugePageNumberIsMaxLong() {
    assertThat(LIMITS.window(new PageRequest(Long.MAX_VALUE, 100)).offset())
        .isEqualTo(Long.MAX_VALUE);
    assertThat(LIMITS.window(new PageRequest(4, 100)).offset()).isEqualTo(300);
  }

  @Test
  void emptyListingHasOnePage() {
    Page<String> page = Page.of(List.of(), 0, new PageRange(1, 20));
    assertThat(page.totalPages()).isEqualTo(1);
  }

  @Test
  void partialLastPageCountsAsAPage() {
    assertThat(Page.of(List.of("x"), 41, new PageRange(3, 20)).totalPages()).isEqualTo(3);
  }
}
