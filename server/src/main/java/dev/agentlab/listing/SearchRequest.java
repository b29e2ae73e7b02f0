package dev.agentlab.listing;

import dev.agentlab.json.SchemaBounds;
import java.util.Optional;

/// The page, filter and order of a listing; the JSON body of `POST …/search`. All members are
/// optional.
///
/// @param page the page number, starting at 1; a value below 1 selects page 1
/// @param pageSize the number of rows per page; a value below 1 selects the default, and a value
///   above the maximum is reduced to it
/// @param search a case-insensitive substring, matched literally
/// @param name a case-insensitive substring of the name, matched literally
/// @param sortBy a field to sort by, as in JSON (`created_at`) or as in the Go original
///   (`CreatedAt`); empty for the default order
/// @param descending whether `sortBy` sorts in descending order; must not be true with `sort`,
///   where each field has its own direction
/// @param sort fields to sort by; cannot be combined with `sortBy`
public record SearchRequest(
    Optional<Long> page,
    Optional<Long> pageSize,
    @SchemaBounds(max = Filter.MAX_TEXT_LENGTH) Optional<String> search,
    @SchemaBounds(max = Filter.MAX_TEXT_LENGTH) Optional<String> name,
    Optional<String> sortBy,
    Optional<Boolean> descending,
    Optional<SortInput> sort) {

  /// Returns a copy with a different filter by name.
  SearchRequest withName(String filter) {
    return new SearchRequest(page, pageSize, search, Optional.of(filter), sortBy, descending, sort);
  }
}
