package dev.agentlab.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/// Formats the records of model calls as text.
final class CallPrinter {
  private CallPrinter() {}

  static Table table(JsonNode page) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode call : page.path("data")) {
      rows.add(
          List.of(
              RelativeTime.truncateToSeconds(call.path("started_at").asString("")),
              call.at("/caller/name").asString(""),
              target(call),
              outcome(call),
              time(call, "duration_us"),
              call.at("/tokens/input").asString(""),
              call.at("/tokens/output").asString(""),
              call.path("id").asString("")));
    }
    return new Table(
        List.of("TIME", "CALLER", "MODEL", "OUTCOME", "DURATION", "INPUT", "OUTPUT", "ID"), rows);
  }

  private static String target(JsonNode call) {
    return call.path("provider").asString("") + "/" + call.path("model").asString("");
  }

  /// `ok`, or why there is no complete response.
  private static String outcome(JsonNode call) {
    String status = call.path("status").asString("");
    return status.equals("failed") ? call.path("outcome").asString("") : status;
  }

  private static String time(JsonNode value, String member) {
    JsonNode micros = value.path(member);
    return micros.isNumber()
        ? String.format(Locale.ROOT, "%.1f ms", micros.doubleValue() / 1_000)
        : "";
  }

  static String text(JsonNode call) {
    List<List<String>> rows = new ArrayList<>();
    add(rows, "started at", call.path("started_at").asString(""));
    add(rows, "request id", call.path("request_id").asString(""));
    add(rows, "provider request id", call.path("provider_request_id").asString(""));
    add(
        rows,
        "caller",
        "%s (%s %s)"
            .formatted(
                call.at("/caller/name").asString(""),
                call.at("/caller/kind").asString(""),
                call.at("/caller/id").asString("")));
    add(rows, "owner", call.at("/caller/owner").asString(""));
    add(
        rows,
        "operation",
        "%s (%s%s)"
            .formatted(
                call.path("operation").asString(""),
                call.path("dialect").asString(""),
                call.path("streamed").asBoolean(false) ? ", streamed" : ""));
    add(rows, "agent", revision(call.path("agent")));
    add(rows, "route", revision(call.path("route")));
    add(rows, "model", target(call));
    add(rows, "session", call.path("session").asString(""));
    add(rows, "end user", call.path("end_user").asString(""));
    call.path("tags")
        .forEachEntry((name, value) -> add(rows, "tag", name + "=" + value.asString("")));
    add(rows, "outcome", outcome(call));
    add(rows, "upstream status", call.path("upstream_status").asString(""));
    add(rows, "message", call.path("message").asString(""));
    add(rows, "finish reason", call.path("finish_reason").asString(""));
    add(rows, "duration", time(call, "duration_us"));
    add(rows, "first content", time(call, "first_content_us"));
    add(rows, "tokens", tokens(call.path("tokens")));
    call.at("/decision/order").forEach(target -> add(rows, "target in order", target.asString("")));
    call.at("/decision/skipped")
        .forEach(skipped ->
            add(
                rows,
                "skipped",
                skipped.path("target").asString("") + ": " + skipped.path("reason").asString("")));
    call.path("attempts").forEach(attempt -> add(rows, "attempt", attempt(attempt)));
    call.path("losses").forEach(loss -> add(rows, "loss", loss.asString("")));
    return new Table(List.of("id", call.path("id").asString("")), rows).text();
  }

  private static void add(List<List<String>> rows, String name, String value) {
    if (!value.isEmpty()) {
      rows.add(List.of(name, value));
    }
  }

  private static String revision(JsonNode value) {
    return value.isObject()
        ? "%s (revision %s)"
            .formatted(value.path("name").asString(""), value.path("revision").asString(""))
        : "";
  }

  private static String tokens(JsonNode tokens) {
    List<String> counts = new ArrayList<>();
    tokens.forEachEntry((name, value) -> {
      if (value.isNumber()) {
        counts.add(name + " " + value.asString(""));
      }
    });
    return String.join(", ", counts);
  }

  private static String attempt(JsonNode attempt) {
    String message = attempt.path("message").asString("");
    return "%s: %s after %s%s"
        .formatted(
            attempt.path("target").asString(""),
            attempt.path("outcome").asString(""),
            time(attempt, "latency_us"),
            message.isEmpty() ? "" : ": " + message);
  }
}
