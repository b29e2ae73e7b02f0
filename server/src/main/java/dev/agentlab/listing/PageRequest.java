package dev.agentlab.listing;

import java.util.Optional;

/// The page that a caller requests; [PageLimits#window] clamps it to the limits.
///
/// @param page the page number, starting at 1
/// @param size the number of rows per page
public record PageRequest(long page, long size) {

  /// Creates a request from optional values; the defaults are page 1 and the default size.
  public static PageRequest of(Optional<Long> page, Optional<Long> size) {
    return new PageRequest(page.orElse(1L), size.orElse(0L));
  }
}
