package dev.agentlab.listing;

import java.util.Optional;

/// Which page a caller asks for; [PageLimits#window] brings it into bounds.
///
/// @param page counted from 1; below 1 is the first
/// @param size rows on a page; below 1 is the default, above the maximum is the maximum
public record PageRequest(long page, long size) {

  /// What a caller asks for who may leave out either.
  public static PageRequest of(Optional<Long> page, Optional<Long> size) {
    return new PageRequest(page.orElse(1L), size.orElse(0L));
  }
}
