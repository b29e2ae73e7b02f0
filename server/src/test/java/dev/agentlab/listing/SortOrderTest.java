package dev.agentlab.listing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.errors.InvalidInputException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SortOrderTest {
  private static final List<String> COLUMNS = List.of("name", "created_at", "updated_at", "id");

  private static final SearchRequest UNSORTED =
      new SearchRequest(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  private static SearchRequest sortedBy(String field, boolean descending) {
    return new SearchRequest(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(field),
        Optional.of(descending),
        Optional.empty());
  }

  private static SearchRequest sorted(String sort) {
    return sorted(sort, Optional.empty());
  }

  private static SearchRequest sortedAnd(String sort, boolean descending) {
    return sorted(sort, Optional.of(descending));
  }

  private static SearchRequest sorted(String sort, Optional<Boolean> descending) {
    return new SearchRequest(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        descending,
        Optional.of(SortInput.of(sort)));
  }

  private static String sql(String sort) {
    return SortOrder.of(sorted(sort), COLUMNS).sql();
  }

  @Test
  void defaultOrderIsTheFirstColumn() {
    assertThat(SortOrder.of(UNSORTED, COLUMNS).sql()).isEqualTo("name ASC");
  }

  @ParameterizedTest
  @CsvSource({
    "Name,name",
    "CreatedAt,created_at",
    "UpdatedAt,updated_at",
    "Id,id",
    "ID,id",
    "createdAt,created_at",
    "name,name",
    "created_at,created_at"
  })
  void snakeAndCamelCaseNamesResolveToTheSameColumn(String field, String column) {
    assertThat(SortOrder.of(sortedBy(field, true), COLUMNS).sql()).startsWith(column + " DESC");
  }

  @Test
  void eachSortFieldHasItsOwnDirection() {
    assertThat(sql("-created_at, Name")).isEqualTo("created_at DESC, name ASC");
  }

  @Test
  void orderEndsWithItsFirstUniqueColumn() {
    assertThat(sql("name,-created_at")).isEqualTo("name ASC");
    assertThat(sql("-id,name")).isEqualTo("id DESC");
  }

  @Test
  void orderWithoutUniqueColumnEndsWithIdInSameDirection() {
    assertThat(sql("updated_at,-created_at")).isEqualTo("updated_at ASC, created_at DESC, id DESC");
    assertThat(sql("created_at")).isEqualTo("created_at ASC, id ASC");
  }

  @Test
  void duplicateSortFieldIsIgnored() {
    assertThat(sql("created_at,-created_at,name")).isEqualTo("created_at ASC, name ASC");
  }

  @ParameterizedTest
  @ValueSource(strings = {"config", "names", "name;drop table providers", "-", "name,x"})
  void unknownSortFieldIsRejectedWithTheKnownFields(String sort) {
    assertThatThrownBy(() -> SortOrder.of(sorted(sort), COLUMNS))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("sort: unknown field \"")
        .hasMessageContaining("name, created_at, updated_at, id");
  }

  @Test
  void everyUnknownFieldIsNamed() {
    assertThatThrownBy(() -> SortOrder.of(sorted("nmae,-foo,id"), COLUMNS))
        .hasMessageContaining("unknown field \"nmae\"")
        .hasMessageContaining("unknown field \"foo\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", ",", ", ,"})
  void sortWithoutFieldsIsTheDefaultOrder(String sort) {
    assertThat(SortOrder.of(sorted(sort), COLUMNS)).isEqualTo(SortOrder.of(UNSORTED, COLUMNS));
    assertThat(sql(sort + ",name," + sort)).isEqualTo("name ASC");
  }

  @Test
  void sortAndSortByCannotBeCombined() {
    SearchRequest both =
        new SearchRequest(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of("name"),
            Optional.empty(),
            Optional.of(SortInput.of("name")));
    assertThatThrownBy(() -> SortOrder.of(both, COLUMNS))
        .hasMessage("sort: cannot be combined with sort_by");
  }

  @Test
  void sortAndDescendingCannotBeCombined() {
    assertThatThrownBy(() -> SortOrder.of(sortedAnd("created_at", true), COLUMNS))
        .hasMessage(
            "descending: cannot be combined with sort; prefix a field with -, such as -name");
    assertThat(SortOrder.of(sortedAnd("-name", false), COLUMNS).sql()).isEqualTo("name DESC");
  }
}
