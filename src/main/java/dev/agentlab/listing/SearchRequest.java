package dev.agentlab.listing;

import dev.agentlab.json.Bounds;
import java.util.Optional;

/// What a caller asks of a listing; the JSON body of `POST …/search`. Every part may be left out.
///
/// @param page counted from 1; below 1 is the first
/// @param pageSize rows on a page; below 1 is the default, above the maximum is the maximum
/// @param search a case-insensitive substring, taken literally
/// @param name a case-insensitive substring of the name, taken literally
/// @param sortBy one field's name, as in JSON (`created_at`) or as the Go original spells it
///   (`CreatedAt`); empty is none
/// @param descending turns `sortBy` round; `sort` says it of each field
/// @param sort several fields; not together with `sortBy`
public record SearchRequest(
    Optional<Long> page,
    Optional<Long> pageSize,
    @Bounds(max = Filter.MAX_TEXT_LENGTH) Optional<String> search,
    @Bounds(max = Filter.MAX_TEXT_LENGTH) Optional<String> name,
    Optional<String> sortBy,
    Optional<Boolean> descending,
    Optional<Sort> sort) {

  /// The same with another filter by name.
  SearchRequest withName(String other) {
    return new SearchRequest(page, pageSize, search, Optional.of(other), sortBy, descending, sort);
  }
}
