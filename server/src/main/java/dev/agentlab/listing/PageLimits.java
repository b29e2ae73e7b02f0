package dev.agentlab.listing;

/// The limits of the page size, in rows.
///
/// @param defaultSize the size if a request has none; from 1 to `maxSize`
/// @param maxSize the maximum size, at least 1
public record PageLimits(int defaultSize, int maxSize) {
  public PageLimits {
    if (maxSize < 1 || defaultSize < 1 || defaultSize > maxSize) {
      throw new IllegalArgumentException(
          "must be 1 <= defaultSize <= maxSize, was defaultSize=%d maxSize=%d"
              .formatted(defaultSize, maxSize));
    }
  }

  /// Clamps a requested page to these limits. A page number below 1 becomes 1, a size below 1
  /// becomes the default, and a size above the maximum becomes the maximum.
  public PageRange window(PageRequest request) {
    long size = request.size() < 1 ? defaultSize : Math.min(request.size(), maxSize);
    return new PageRange(Math.max(1, request.page()), (int) size);
  }
}
