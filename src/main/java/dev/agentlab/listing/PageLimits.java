package dev.agentlab.listing;

/// How many rows a page may hold.
///
/// @param defaultSize rows when the caller names no size; 1 … maxSize
/// @param maxSize the most rows a page may hold, at least 1
public record PageLimits(int defaultSize, int maxSize) {
  public PageLimits {
    if (maxSize < 1 || defaultSize < 1 || defaultSize > maxSize) {
      throw new IllegalArgumentException(
          "page sizes: 1 <= default (%d) <= max (%d)".formatted(defaultSize, maxSize));
    }
  }

  /// The page a caller asked for, brought into bounds: a page below 1 is the first, a size below 1
  /// is the default, a size above the maximum is the maximum.
  public PageWindow window(PageRequest asked) {
    long size = asked.size() < 1 ? defaultSize : Math.min(asked.size(), maxSize);
    return new PageWindow(Math.max(1, asked.page()), (int) size);
  }
}
