package dev.agentlab.listing;

import java.util.List;
import java.util.function.Function;

/// One page of a listing.
///
/// @param data the rows; empty for a page after the last one
/// @param total the number of rows on all pages
/// @param page the page number, starting at 1
/// @param pageSize the number of rows of a full page
/// @param totalPages the number of pages, at least 1
public record Page<T>(List<T> data, long total, long page, int pageSize, long totalPages) {
  public Page {
    data = List.copyOf(data);
  }

  public static <T> Page<T> of(List<T> data, long total, PageRange window) {
    long pages = Math.max(1, Math.ceilDiv(total, (long) window.size()));
    return new Page<>(data, total, window.page(), window.size(), pages);
  }

  public <R> Page<R> map(Function<? super T, ? extends R> mapper) {
    return new Page<>(data.stream().<R>map(mapper).toList(), total, page, pageSize, totalPages);
  }
}
