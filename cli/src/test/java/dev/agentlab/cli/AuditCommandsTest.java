package dev.agentlab.cli;

import static dev.agentlab.cli.FakeProviders.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuditCommandsTest {
  private static final String VERIFY = "POST /api/audit/verify";
  private static final String HASH = "0123456789abcdef".repeat(4);

  private final FakeService service = new FakeService();

  @TempDir private Path folder;

  @AfterEach
  void stop() {
    service.close();
  }

  private CommandRun run(String... arguments) {
    return CommandRun.With.service(service).in(folder).run(arguments);
  }

  private static String row(long seq) {
    return """
    {"seq": %d, "at": "2026-01-01T00:00:00Z", "caller_kind": "key", "caller_id": "k",
     "caller_name": "c\\u001b[2Ji", "action": "provider.created", "kind": "provider",
     "resource_id": "p%d", "resource_name": "local"}
    """
        .formatted(seq, seq);
  }

  private static String page(int number, int pages, long... rows) {
    return """
    {"data": [%s], "total": 4, "page": %d, "page_size": 2, "total_pages": %d}
    """
        .formatted(
            LongStream.of(rows).mapToObj(AuditCommandsTest::row).collect(Collectors.joining(",")),
            number,
            pages);
  }

  @Test
  void listPrintsTableOfOnePage() {
    service.on("GET /api/audit?page=1", 200, page(1, 2, 4, 3));

    CommandRun run = run("audit", "list");

    assertThat(run.out())
        .startsWith("TIME                  CALLER  ")
        .contains("2026-01-01T00:00:00Z  c\uFFFD[2Ji  provider.created  local (p4)");
    assertThat(run.err()).contains("page 1 of 2, 4 changes");
  }

  @Test
  void listSendsFilters() {
    service.on(
        "GET /api/audit?action=provider.created&kind=provider&resource=p&caller=k"
            + "&from=2026-01-01T00%3A00%3A00Z&to=2026-01-02T00%3A00%3A00Z&page=1",
        200, page(1, 1));

    assertThat(
            CommandRun.With.service(service)
                .in(folder)
                .run(
                    ("audit list --action provider.created --kind provider --resource p --caller k"
                            + " --from 2026-01-01 --to 2026-01-02")
                        .split(" "))
                .code())
        .isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--kind   | provder      | provider, agent, route, key, session, link, secrets; did you mean provider?",
        "--action | agent.delted | secrets.rotated; did you mean agent.deleted?",
        "--action | other        | provider.created, provider.replaced"
      })
  void unknownFilterValueIsRejected(String flag, String text, String hint) {
    CommandRun run = run("audit", "list", flag, text);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("%s is not known, was \"%s\"; known values are p".formatted(flag, text))
        .contains(hint);
    assertThat(service.requests()).isEmpty();
  }

  /// Two rows recorded while the pages are read shift two others to the next page.
  @Test
  void allPagesContainEachRowOnce() {
    String path = "GET /api/audit?page_size=1000&page=";
    service
        .on(path + 1, 200, page(1, 2, 4, 3))
        .on(path + 2, 200, page(2, 3, 4, 3))
        .on(path + 3, 200, page(3, 3, 2, 1));

    assertThat(run("audit", "list", "--all").out().lines().map(line -> line.split(" ")))
        .extracting(words -> words[words.length - 1])
        .containsExactly("RESOURCE", "(p4)", "(p3)", "(p2)", "(p1)");

    CommandRun all = run("audit", "list", "--all", "--json");
    assertThat(all.json().path("data").valueStream().map(row -> row.path("seq").asLong()))
        .containsExactly(4L, 3L, 2L, 1L);
    assertThat(all.json().path("total").asLong()).isEqualTo(4);
    assertThat(all.out()).doesNotContain("\u001b");
  }

  @Test
  void emptyTrailPrintsEmptyList() {
    service.on("GET /api/audit?page_size=1000&page=1", 200, page(1, 1));

    assertThat(run("audit", "list", "--all", "--json").json().path("data")).isEqualTo(json("[]"));
    assertThat(run("audit", "list", "--all").out()).startsWith("TIME  CALLER");
  }

  @Test
  void intactTrailPrintsRowsAndHead() {
    service.on(
        VERIFY,
        200,
        "{\"rows\": 9, \"unchained\": 2, \"intact\": true, \"head\": {\"seq\": 9, \"hash\": \"%s\"}}"
            .formatted(HASH));

    CommandRun run = run("audit", "verify");

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .isEqualToNormalizingNewlines(
            "intact: 9 rows\nhead 9:" + HASH + "\nnot chained yet: 2 rows\n");
    assertThat(service.requests(VERIFY).body()).isEqualTo("{}");
  }

  @Test
  void brokenTrailFailsAndNamesFirstBrokenRow() {
    service.on(
        VERIFY,
        200,
        """
        {"rows": 6, "unchained": 0, "intact": false, "first_broken": {"seq": 7, "why": "the row is missing"},
         "head": {"seq": 6, "hash": "%s"}}
        """
            .formatted(HASH));

    CommandRun run = run("audit", "verify", "--expect", "9:" + HASH.toUpperCase(Locale.ROOT));

    assertThat(run.code()).isEqualTo(6);
    assertThat(run.out()).startsWith("broken at row 7: the row is missing");
    assertThat(run.err()).contains("the audit trail was modified");
    assertThat(json(service.requests(VERIFY).body()))
        .isEqualTo(json("{\"expected\": {\"seq\": 9, \"hash\": \"%s\"}}".formatted(HASH)));
  }

  @Test
  void missingHeadIsNotReportedAsModifiedTrail() {
    service.on(
        VERIFY,
        200,
        """
        {"rows": 38, "unchained": 0, "intact": false, "unexpected": {"seq": 10, "why": "another"},
         "head": {"seq": 38, "hash": "%s"}}
        """
            .formatted(HASH));

    CommandRun run = run("audit", "verify", "--expect", "10:" + HASH);

    assertThat(run.code()).isEqualTo(6);
    assertThat(run.out())
        .isEqualToNormalizingNewlines(
            "intact in itself: 38 rows\nhead 38:"
                + HASH
                + "\nnot chained yet: 0 rows\ndiffers from the expected head at row 10: another\n");
    assertThat(run.err())
        .contains("the audit trail does not contain the head in --expect")
        .doesNotContain("was modified");
  }

  @ParameterizedTest
  @ValueSource(strings = {"9", "9:abc", ":"})
  void invalidHeadIsRejected(String text) {
    CommandRun run = run("audit", "verify", "--expect", text);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--expect: must be SEQ:HASH");
    assertThat(service.requests()).isEmpty();
  }
}
