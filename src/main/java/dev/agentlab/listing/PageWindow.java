package dev.agentlab.listing;

/// Which rows of an ordered listing a page shows.
///
/// @param page counted from 1
/// @param size rows on a page, at least 1
public record PageWindow(long page, int size) {
  public PageWindow {
    if (page < 1 || size < 1) {
      throw new IllegalArgumentException("page %d of size %d".formatted(page, size));
    }
  }

  /// Rows before the page; as many as a `long` holds when the page lies beyond any table.
  public long offset() {
    long before = page - 1;
    return before > Long.MAX_VALUE / size ? Long.MAX_VALUE : before * size;
  }
}
