package dev.agentlab.listing;

import java.util.List;
import java.util.function.Function;

/// One page of a listing.
///
/// @param data the rows; empty past the end
/// @param total rows in the whole listing
/// @param page counted from 1
/// @param pageSize rows a full page holds
/// @param totalPages at least 1
public record Page<T>(List<T> data, long total, long page, int pageSize, long totalPages) {
  public Page {
    data = List.copyOf(data);
  }

  public static <T> Page<T> of(List<T> data, long total, PageWindow window) {
    long pages = Math.max(1, Math.ceilDiv(total, (long) window.size()));
    return new Page<>(data, total, window.page(), window.size(), pages);
  }

  public <R> Page<R> map(Function<? super T, ? extends R> change) {
    return new Page<>(data.stream().<R>map(change).toList(), total, page, pageSize, totalPages);
  }
}
