package dev.agentlab.listing;

/// A valid page number and size.
///
/// @param page the page number, starting at 1
/// @param size the number of rows per page, at least 1
public record PageRange(long page, int size) {
  public PageRange {
    if (page < 1 || size < 1) {
      throw new IllegalArgumentException(
          "must be page >= 1 and size >= 1, was page=%d size=%d".formatted(page, size));
    }
  }

  /// The number of rows before the page, at most [Long#MAX_VALUE].
  public long offset() {
    long before = page - 1;
    return before > Long.MAX_VALUE / size ? Long.MAX_VALUE : before * size;
  }
}
