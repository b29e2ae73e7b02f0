package dev.agentlab.providers;

import static dev.agentlab.providers.ProviderApi.OLLAMA;
import static dev.agentlab.providers.ProviderApi.body;
import static dev.agentlab.providers.ProviderApi.names;
import static dev.agentlab.providers.ProviderApi.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Tests listing, searching and counting of providers on a real PostgreSQL.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProviderListingsIT {
  @RegisterExtension private final TestServer server = new TestServer();
  private final ProviderApi providers = new ProviderApi(server);

  @Test
  void allErrorsOfAQueryAreReportedTogether() {
    String tooLong = "x".repeat(201);
    Answer order = server.client().get("/api/providers?sort=nmae,foo&search=" + tooLong);
    Answer pages = server.client().get("/api/providers?page=x&page_size=y&sort=name");

    assertThat(order.json().get("detail").asString())
        .contains(
            "unknown field \"nmae\"", "unknown field \"foo\"", "search: must have at most 200");
    assertThat(pages.json().get("detail").asString())
        .isEqualTo("page: must be an integer; page_size: must be an integer");
  }

  @Test
  void searchTextIsLiteralAndIgnoresCase() {
    String mark = UUID.randomUUID().toString();
    for (String name : List.of("100%", "100x", "a_b", "aXb", "back\\slash", "ÄRGER", "it's")) {
      providers.create(name + mark, OLLAMA);
    }
    assertThat(found("100%" + mark)).containsExactly("100%" + mark);
    assertThat(found("A_B" + mark)).containsExactly("a_b" + mark);
    assertThat(found("back\\" + "slash" + mark)).containsExactly("back\\slash" + mark);
    assertThat(found("ärger" + mark)).containsExactly("ÄRGER" + mark);
    assertThat(found("it's" + mark)).containsExactly("it's" + mark);
    assertThat(found(mark)).hasSize(7);
  }

  private List<String> found(String search) {
    String json = Json.MAPPER.writeValueAsString(search);
    return names(providers.post("/api/providers/search", "{\"search\": %s}".formatted(json)));
  }

  @Test
  void pagesFollowSortOrderAndIncludeTotal() {
    String mark = UUID.randomUUID().toString();
    List<String> names =
        IntStream.range(0, 5).mapToObj(i -> "%c%s".formatted('a' + i, mark)).toList();
    names.forEach(name -> providers.create(name, OLLAMA));

    for (String field : List.of("Name", "name", "CreatedAt", "created_at", "UpdatedAt")) {
      String search =
          """
          {"search": "%s", "page": 2, "page_size": 2, "sort_by": "%s", "descending": true}\
          """
              .formatted(mark, field);
      Answer page = providers.post("/api/providers/search", search);
      assertThat(names(page)).as(field).containsExactly(names.get(2), names.get(1));
      assertThat(page.json().get("total").asInt()).isEqualTo(5);
      assertThat(page.json().get("total_pages").asInt()).isEqualTo(3);
      assertThat(page.json().get("page").asInt()).isEqualTo(2);
      assertThat(page.json().get("page_size").asInt()).isEqualTo(2);
    }
    Answer listed =
        server.client().get("/api/providers?sort=-name&page=2&page_size=2&search=" + mark);
    assertThat(names(listed)).containsExactly(names.get(2), names.get(1));
  }

  @ParameterizedTest
  @CsvSource({
    "page=0, 1, 20",
    "page=-5, 1, 20",
    "page_size=0, 1, 20",
    "page_size=1000, 1, 100",
    "page=9223372036854775807, 9223372036854775807, 20",
  })
  void pageParametersAreClamped(String query, long page, int size) {
    Answer answer = server.client().get("/api/providers?" + query);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().get("page").asLong()).isEqualTo(page);
    assertThat(answer.json().get("page_size").asInt()).isEqualTo(size);
  }

  @Test
  void pageAfterTheLastIsEmptyAndIncludesTotal() {
    providers.create(unique("one"), OLLAMA);
    JsonNode page = server.client().get("/api/providers?page=1000000").json();
    assertThat(page.get("data")).isEmpty();
    assertThat(page.get("total").asLong()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"sort_by\": \"config\"}",
        "{\"sort_by\": \"name; DROP TABLE providers\"}",
        "{\"sort\": \"name,-nope\"}",
        "{\"sort\": \"name\", \"sort_by\": \"name\"}",
        "{\"page\": \"1\"}",
        "{\"page\": 1.5}",
        "{\"page\": 99999999999999999999}",
        "{\"search\": 7}",
        "{\"search\": \"\\u0000\"}",
        "{\"serach\": \"x\"}",
        "{\"page\": 1, \"page\": 2}",
        "[]",
        "null",
        "{",
        "",
      })
  void invalidSearchIsRejected(String json) {
    Answer rejected = providers.post("/api/providers/search", json);
    assertThat(rejected.status()).as(rejected.text()).isIn(400, 415);
    assertThat(rejected.json().get("error").asString()).isNotBlank();
  }

  @Test
  void totalReflectsEveryChange() {
    long before = total();
    Answer created = providers.create(unique("counted"), OLLAMA);
    assertThat(total()).isEqualTo(before + 1);
    server.client().put(created.header("Location"), body(unique("n"), OLLAMA));
    assertThat(total()).isEqualTo(before + 1);
    server.client().delete(created.header("Location"));
    assertThat(total()).isEqualTo(before);
  }

  private long total() {
    return server.client().get("/api/providers").json().get("total").asLong();
  }
}
