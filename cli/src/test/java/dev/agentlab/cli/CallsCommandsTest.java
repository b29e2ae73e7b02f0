package dev.agentlab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallsCommandsTest {
  private static final String CALL =
      """
      {"id": "0197", "started_at": "2026-01-01T00:00:00.123Z", "request_id": "r1",
       "caller": {"kind": "key", "id": "k", "name": "l\\u001b[2Ja"}, "dialect": "openai",
       "operation": "chat", "streamed": true, "provider": "azure", "model": "gpt-5",
       "target": "azure/gpt-5", "tags": {"team": "a"}, "status": "failed", "outcome": "timed_out",
       "route": {"id": "x", "name": "fast", "revision": 3},
       "message": "no response", "tokens": {"source": "reported", "input": 12, "output": 34},
       "duration_us": 1234567, "request_bytes": 1, "response_bytes": 2,
       "decision": {"order": ["openai/gpt-5", "azure/gpt-5"],
         "skipped": [{"target": "openai/gpt-5", "reason": "is suspended"}]},
       "attempts": [{"target": "azure/gpt-5", "provider": "azure", "model": "gpt-5",
         "outcome": "timed_out", "message": "no response", "latency_us": 1230000}],
       "losses": ["top_k was ignored."]}
      """;

  private final FakeService service = new FakeService();

  @TempDir private Path folder;

  @AfterEach
  void stop() {
    service.close();
  }

  private CommandRun run(String... arguments) {
    return CommandRun.With.service(service).in(folder).run(arguments);
  }

  @Test
  void listPrintsTableAndCursorOfOlderCalls() {
    service.on("GET /api/calls", 200, "{\"data\": [%s], \"next\": \"abc\"}".formatted(CALL));

    CommandRun run = run("calls", "list");

    assertThat(run.out())
        .startsWith("TIME                  CALLER  ")
        .contains(
            "2026-01-01T00:00:00Z  l\uFFFD[2Ja  azure/gpt-5  timed_out  1234.6 ms  12     34      0197");
    assertThat(run.err()).contains("--after abc");
  }

  @Test
  void listSendsFilters() {
    service.on("GET /api/routes/r", 200, "{\"id\": \"0b0e7a3e-6c1c-4a39-9d7e-3f1e5a7f0003\"}");
    service.on(
        "GET /api/calls?from=2026-01-01T00%3A00%3A00Z&to=2026-01-02T00%3A00%3A00Z&owner=token%3Aa"
            + "&session=s&end_user=u&route=0b0e7a3e-6c1c-4a39-9d7e-3f1e5a7f0003&provider=p&model=m&dialect=openai&operation=chat"
            + "&status=failed&outcome=refused&request_id=x&limit=5&after=c&tag=a%3D1&tag=b%3D2",
        200, "{\"data\": []}");

    CommandRun run =
        run(
            ("calls list --from 2026-01-01 --to 2026-01-02 --owner token:a --session s --end-user u"
                    + " --route r --provider p --model m --dialect openai --operation chat"
                    + " --status failed --outcome refused --request-id x --limit 5 --after c"
                    + " --tag a=1 --tag b=2")
                .split(" "));

    assertThat(run.code()).as(run.err()).isZero();
  }

  @Test
  void callsOfADeletedRouteAreListedByItsId() {
    String id = "0b0e7a3e-6c1c-4a39-9d7e-3f1e5a7f0003";
    service.on("GET /api/calls?route=" + id, 200, "{\"data\": []}");

    assertThat(run("calls", "list", "--route", id).code()).isZero();
  }

  @Test
  void unknownStatusIsRejected() {
    CommandRun run = run("calls", "list", "--status", "fialed");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE.number());
    assertThat(run.err()).contains("did you mean failed?");
  }

  @Test
  void getPrintsDecisionAndAttempts() {
    service.on("GET /api/calls/a%2Fb", 200, CALL);

    assertThat(run("calls", "get", "a/b").out())
        .contains(
            "caller           l\uFFFD[2Ja (key k)",
            "route            fast (revision 3)",
            "tag              team=a",
            "tokens           input 12, output 34",
            "target in order  openai/gpt-5",
            "skipped          openai/gpt-5: is suspended",
            "attempt          azure/gpt-5: timed_out after 1230.0 ms: no response",
            "loss             top_k was ignored.");
  }
}
