package dev.agentlab.listing;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.http.Param;
import dev.agentlab.http.Request;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// A [SearchRequest] as the query of an address: `?search=loc&sort=name,-created_at&page=2`.
public final class SearchParams {
  /// Which page, for listings of every kind.
  public static final Param<Long> PAGE =
      Param.queryInteger("page", "Which page, from 1; below 1 is the first.");

  /// How long a page is, for listings of every kind.
  public static final Param<Long> PAGE_SIZE =
      Param.queryInteger("page_size", "Rows on a page; the default when below 1, capped.");

  /// A filter by name, for listings of every kind.
  public static final Param<String> NAME =
      Param.queryText(
              "name",
              "A case-insensitive substring of the name, taken literally; empty is no filter.")
          .withLength(0, Filter.MAX_TEXT_LENGTH);

  private static final Param<String> SEARCH =
      Param.queryText("search", "A case-insensitive substring of the name, taken literally.")
          .withLength(0, Filter.MAX_TEXT_LENGTH);
  private static final Param<String> SORT =
      Param.queryText(
          "sort",
          "Fields with commas between, - for descending: name,-created_at; empty is by name.");

  private SearchParams() {}

  /// The JSON Schemas that do not come from Java types.
  public static Map<Class<?>, JsonNode> schemas() {
    return Map.of(Sort.class, Sort.SCHEMA);
  }

  /// What a route declares that lists.
  public static Param<?>[] all() {
    return new Param<?>[] {PAGE, PAGE_SIZE, SEARCH, SORT, NAME};
  }

  /// The page that the call of a route with [#PAGE] and [#PAGE_SIZE] asks for.
  public static PageRequest page(Request<?> call) {
    return PageRequest.of(call.optional(PAGE), call.optional(PAGE_SIZE));
  }

  /// What the call of a route that takes a [SearchRequest], and reads [#NAME], asks for.
  ///
  /// @throws InvalidInputException if both filter by name
  public static SearchRequest search(Request<SearchRequest> call) {
    Optional<String> name = call.optional(NAME).filter(text -> !text.isEmpty());
    if (name.isPresent() && call.body().name().filter(text -> !text.isEmpty()).isPresent()) {
      throw new InvalidInputException("name", "must be in the query or in the body, not in both");
    }
    return name.map(call.body()::withName).orElseGet(call::body);
  }

  /// What the call of a route with [#all] asks for.
  public static SearchRequest read(Request<?> call) {
    return new SearchRequest(
        call.optional(PAGE),
        call.optional(PAGE_SIZE),
        call.optional(SEARCH),
        call.optional(NAME),
        Optional.empty(),
        Optional.empty(),
        call.optional(SORT).map(Sort::of));
  }
}
