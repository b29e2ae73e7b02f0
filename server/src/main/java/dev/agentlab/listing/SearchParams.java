package dev.agentlab.listing;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.http.Param;
import dev.agentlab.http.Request;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The query parameters of a [SearchRequest]: `?search=loc&sort=name,-created_at&page=2`.
public final class SearchParams {
  /// The page number, for all listings.
  public static final Param<Long> PAGE =
      Param.queryInteger("page", "The page number, starting at 1; a value below 1 selects page 1.");

  /// The page size, for all listings.
  public static final Param<Long> PAGE_SIZE =
      Param.queryInteger(
          "page_size",
          "The number of rows per page; a value below 1 selects the default, and a value above the"
              + " maximum is reduced to it.");

  /// A filter by name, for all listings.
  public static final Param<String> NAME =
      Param.queryText(
              "name",
              "A case-insensitive substring of the name, matched literally; empty for no filter.")
          .withLength(0, Filter.MAX_TEXT_LENGTH);

  private static final Param<String> SEARCH =
      Param.queryText(
              "search",
              "A case-insensitive substring of the name, matched literally; empty for no filter.")
          .withLength(0, Filter.MAX_TEXT_LENGTH);
  private static final Param<String> SORT =
      Param.queryText(
          "sort",
          "Comma-separated fields to sort by, with the prefix - for descending order, such as"
              + " name,-created_at; empty to sort by name.");

  private SearchParams() {}

  /// The JSON Schemas that do not come from Java types.
  public static Map<Class<?>, JsonNode> schemas() {
    return Map.of(SortInput.class, SortInput.SCHEMA);
  }

  /// All query parameters of a route that lists.
  public static Param<?>[] all() {
    return new Param<?>[] {PAGE, PAGE_SIZE, SEARCH, SORT, NAME};
  }

  /// Reads the parameters [#PAGE] and [#PAGE_SIZE] of a request.
  public static PageRequest readPage(Request<?> request) {
    return PageRequest.of(request.optional(PAGE), request.optional(PAGE_SIZE));
  }

  /// Reads the search request in the body of a request, with the query parameter [#NAME].
  ///
  /// @throws InvalidInputException if the query and the body both filter by name
  public static SearchRequest readBody(Request<SearchRequest> request) {
    Optional<String> name = request.optional(NAME).filter(text -> !text.isEmpty());
    if (name.isPresent() && request.body().name().filter(text -> !text.isEmpty()).isPresent()) {
      throw new InvalidInputException("name", "must be in the query or in the body, not in both");
    }
    return name.map(request.body()::withName).orElseGet(request::body);
  }

  /// Reads the parameters in [#all] of a request.
  public static SearchRequest readQuery(Request<?> request) {
    return new SearchRequest(
        request.optional(PAGE),
        request.optional(PAGE_SIZE),
        request.optional(SEARCH),
        request.optional(NAME),
        Optional.empty(),
        Optional.empty(),
        request.optional(SORT).map(SortInput::of));
  }
}
